import type { TypingState, UserEvent } from '../domain/events.ts'
import { every } from '../domain/every.ts'
import type { Signals } from '../store/signals.ts'
import type { ReadNews } from './read-news.ts'

/** How often an instance says that it is there, and after how long a silence it counts as gone. */
const beatMs = 5_000
const goneMs = 12_000
/** Groups in one part of a snapshot. */
const groupsPerPart = 200

/** Open connections by user. */
export type Counts = ReadonlyMap<string, number>

/**
 * The other instances on the same store: who is connected there, and who types. Each tells absolute numbers, numbered by
 * `n`; who starts, or misses an `n`, asks for all of them again. An instance that falls silent is forgotten with its connections.
 */
export interface Peers {
  /** This instance has so many connections of the user in the group now. */
  count(groupId: string, userId: string, count: number): void
  /** The user types on this instance, or on none of its sockets any more. */
  typing(groupId: string, userId: string, state: TypingState): void
  /** Tells the user on the other instances. */
  tell(userId: string, event: UserEvent): void
  /** The user has hidden the group. */
  hidden(userId: string, groupId: string): void
  read(groupId: string, news: readonly ReadNews[]): void
  /** What the others have in this group. */
  counts(groupId: string): Counts
  /** Instances seen alive, this one included. */
  readonly instances: number
  close(): void
}

interface Deps {
  signals: Signals
  /** Each process has a different one. */
  instanceId: string
  /** Counts milliseconds and never goes back. */
  clock: () => number
  /** All open connections of this instance. */
  own(): Iterable<[groupId: string, counts: Counts]>
  /** The others' connections of a user changed by so many. */
  onCount(groupId: string, userId: string, change: number): void
  /** The user types on the instance `from`, or does so no more. */
  onTyping(from: string, groupId: string, userId: string, state: TypingState): void
  onUser(userId: string, event: UserEvent): void
  onHidden(userId: string, groupId: string): void
  onRead(groupId: string, news: readonly ReadNews[]): void
}

type Snapshot = [groupId: string, users: [userId: string, count: number][]][]

type Signal =
  | { kind: 'count'; group_id: string; user_id: string; count: number }
  /** An instance of an older version may leave out a start's `content`. */
  | { kind: 'typing'; group_id: string; user_id: string; content?: TypingState }
  | { kind: 'user'; user_id: string; event: UserEvent }
  | { kind: 'hidden'; group_id: string; user_id: string }
  | {
      kind: 'read'
      group_id: string
      reads: [userId: string, seq: number, isShared: boolean, hasGuests: boolean][]
    }
  | { kind: 'beat' }
  | { kind: 'ask' }
  | { kind: 'snapshot'; part: number; parts: number; groups: Snapshot }
  | { kind: 'bye' }

type PeerSignal = Signal & { from: string; n: number }

type Groups = Map<string, Map<string, number>>

interface Peer {
  n: number
  heardAt: number
  groups: Groups
  /** The parts that have come of a snapshot that is not complete. */
  coming: Groups
}

export function createPeers(deps: Deps): Peers {
  const { signals, instanceId, clock } = deps
  const peers = new Map<string, Peer>()
  let n = 0

  const send = (signal: Signal) => signals.send({ ...signal, from: instanceId, n: ++n })

  function receive(signal: PeerSignal): void {
    if (signal.from === instanceId) return
    if (signal.kind === 'bye') return forget(signal.from)
    const peer = peers.get(signal.from) ?? { n: 0, heardAt: 0, groups: new Map(), coming: new Map() }
    if (signal.n <= peer.n) return
    // A snapshot has all connections, so the signals missed before it do not matter any more.
    const missed = signal.n !== peer.n + 1 && !(signal.kind === 'snapshot' && signal.part === 0)
    peers.set(signal.from, peer)
    peer.n = signal.n
    peer.heardAt = clock()
    handle(peer, signal)
    if (missed) send({ kind: 'ask' })
  }

  function handle(peer: Peer, signal: PeerSignal): void {
    switch (signal.kind) {
      case 'count':
        return setCount(peer.groups, signal.group_id, signal.user_id, signal.count)
      case 'typing':
        return deps.onTyping(signal.from, signal.group_id, signal.user_id, signal.content ?? 'start')
      case 'user':
        return deps.onUser(signal.user_id, signal.event)
      case 'hidden':
        return deps.onHidden(signal.user_id, signal.group_id)
      case 'read':
        return deps.onRead(
          signal.group_id,
          signal.reads.map(([userId, seq, isShared, hasGuests]) => ({ userId, seq, isShared, hasGuests })),
        )
      case 'ask':
        return sendSnapshot()
      case 'snapshot':
        if (signal.part === 0) peer.coming = new Map()
        for (const [groupId, users] of signal.groups) peer.coming.set(groupId, new Map(users))
        if (signal.part === signal.parts - 1) replace(peer, peer.coming)
        return
      case 'beat':
      case 'bye':
        return
    }
  }

  function setCount(groups: Groups, groupId: string, userId: string, count: number): void {
    const users = groups.get(groupId) ?? new Map<string, number>()
    const change = count - (users.get(userId) ?? 0)
    if (count > 0) groups.set(groupId, users.set(userId, count))
    else if (users.delete(userId) && users.size === 0) groups.delete(groupId)
    if (change) deps.onCount(groupId, userId, change)
  }

  function replace(peer: Peer, coming: Groups): void {
    for (const [groupId, users] of [...peer.groups])
      for (const userId of [...users.keys()])
        if (!coming.get(groupId)?.has(userId)) setCount(peer.groups, groupId, userId, 0)
    for (const [groupId, users] of coming)
      for (const [userId, count] of users) setCount(peer.groups, groupId, userId, count)
    peer.coming = new Map()
  }

  function sendSnapshot(): void {
    const groups: Snapshot = [...deps.own()].map(([groupId, counts]) => [groupId, [...counts]])
    const parts = Math.max(1, Math.ceil(groups.length / groupsPerPart))
    for (let part = 0; part < parts; part++)
      send({
        kind: 'snapshot',
        part,
        parts,
        groups: groups.slice(part * groupsPerPart, (part + 1) * groupsPerPart),
      })
  }

  function forget(id: string): void {
    const peer = peers.get(id)
    if (!peer) return
    peers.delete(id)
    replace(peer, new Map())
  }

  signals.listen((signal) => receive(signal as unknown as PeerSignal))
  send({ kind: 'ask' })
  const stop = every(beatMs, () => {
    send({ kind: 'beat' })
    for (const [id, peer] of peers) if (clock() - peer.heardAt >= goneMs) forget(id)
  })

  return {
    count: (groupId, userId, count) => send({ kind: 'count', group_id: groupId, user_id: userId, count }),
    typing: (groupId, userId, state) =>
      send({ kind: 'typing', group_id: groupId, user_id: userId, content: state }),
    tell: (userId, event) => send({ kind: 'user', user_id: userId, event }),
    hidden: (userId, groupId) => send({ kind: 'hidden', group_id: groupId, user_id: userId }),
    read: (groupId, news) =>
      send({
        kind: 'read',
        group_id: groupId,
        reads: news.map(({ userId, seq, isShared, hasGuests }) => [userId, seq, isShared, hasGuests]),
      }),
    counts(groupId) {
      const sum = new Map<string, number>()
      for (const { groups } of peers.values())
        for (const [userId, count] of groups.get(groupId) ?? [])
          sum.set(userId, (sum.get(userId) ?? 0) + count)
      return sum
    },
    get instances() {
      return peers.size + 1
    },
    close() {
      stop()
      send({ kind: 'bye' })
    },
  }
}
