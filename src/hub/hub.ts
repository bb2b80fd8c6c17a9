import type { Caller } from '../domain/caller.ts'
import type { Change } from '../domain/change.ts'
import type { Cursor } from '../domain/cursor.ts'
import type { EndReason } from '../domain/ending.ts'
import { notFound } from '../domain/errors.ts'
import type { DurableEvent, PassingEvent } from '../domain/events.ts'
import type { Group } from '../domain/group.ts'
import type { Message } from '../domain/message.ts'
import type { Signals } from '../store/signals.ts'
import type { Store } from '../store/store.ts'
import { type Channel, createChannel } from './channel.ts'
import type { Listener } from './listener.ts'
import { createPeers } from './peers.ts'
import { createPresence, type Presence } from './presence.ts'

/** Who listens to which group on this instance. Use cases tell it what they have made durable. */
export interface Hub {
  message(message: Message): void
  change(change: Change, about: { message?: Message; group?: Group }): void
  groupCreated(group: Group): void
  groupDeleted(groupId: string): void
  /** Somebody else changed the group, or deleted it, or made it: who may hear is looked at again. */
  groupTouched(groupId: string): void
  /** Something may have been missed: every open group reads its log. */
  catchUp(): void
  typing(groupId: string, userId: string, content?: 'start' | 'stop'): void
  /** A place in the group's live path, silent until it goes live. Throws not_found, unavailable. */
  open(groupId: string, by: Caller): Promise<Seat>
  /** Calls back when a group opens itself to this user. Returns the way to stop. */
  onWelcome(userId: string, welcome: (groupId: string) => void): () => void
  readonly openGroups: Iterable<string>
  /** Open connections and users of an open group, over all instances. */
  presence(groupId: string): Pick<Presence, 'connections' | 'users'> | undefined
  /** Instances on this store that are alive, this one included. */
  readonly instances: number
  close(): void
}

export interface Seat {
  readonly channel: Channel
  /** Who hears; told at once if access was lost since the seat was opened. */
  attach(listener: Listener): void
  /** Live from the channel's position on; the others hear `user_joined`. */
  live(): void
  /** Hears no more; the others may hear `user_left`. May be called at any time, also twice. */
  leave(): void
}

export interface HubDeps {
  store: Store
  /** One event framed for the wire: made once, shared by all listeners. */
  encode(event: DurableEvent | PassingEvent, at?: Cursor): Buffer
  onError(error: unknown): void
  onPacket?(events: number, listeners: number): void
  /** Where there are other instances: the way to them. */
  signals?: Signals
  instanceId: string
  now: () => number
}

interface Room {
  channel: Channel
  /** Over all instances. */
  presence: Presence
  /** Open connections on this instance, by user. */
  own: Map<string, number>
  seats: Set<{ readonly by: Caller; end(reason: EndReason): void }>
}

export function createHub(deps: HubDeps): Hub {
  const { store } = deps
  const rooms = new Map<string, Room>()
  const opening = new Map<string, Promise<Room>>()
  /** Groups that something was published to while their room was being opened. */
  const missed = new Set<string>()
  const welcomes = new Map<string, Set<(groupId: string) => void>>()

  async function makeRoom(groupId: string): Promise<Room> {
    const head = await store.readHead(groupId)
    if (!head) throw notFound('group')
    const channel = createChannel({
      ...deps,
      groupId,
      start: { seq: head.seq, rev: head.rev },
      onTold: (event) => {
        if (event.type === 'member_removed') dismiss(room, 'access_revoked', event.user_id)
      },
    })
    const presence = createPresence(groupId, peers?.counts(groupId) ?? new Map(), (event) =>
      channel.pass(event),
    )
    const room: Room = { channel, presence, own: new Map(), seats: new Set() }
    rooms.set(groupId, room)
    // What was published between the reading of the head and now is known to nobody else.
    if (missed.delete(groupId)) channel.catchUp().catch(deps.onError)
    return room
  }

  async function roomOf(groupId: string): Promise<Room> {
    const room = rooms.get(groupId)
    if (room) return room
    let made = opening.get(groupId)
    if (!made) {
      missed.delete(groupId)
      made = makeRoom(groupId).finally(() => opening.delete(groupId))
      opening.set(groupId, made)
    }
    return made
  }

  /** A connection of the user came or went on this instance. */
  function count(groupId: string, { own, presence }: Room, userId: string, change: 1 | -1): void {
    const now = (own.get(userId) ?? 0) + change
    if (now) own.set(userId, now)
    else own.delete(userId)
    presence.add(userId, change)
    peers?.tell(groupId, userId, now)
  }

  /** Looks again at who may hear, and who might want to. */
  async function recheck(groupId: string): Promise<void> {
    const group = await store.readGroup(groupId)
    if (!group) return deleted(groupId)
    const members = new Set(group.authorizedUserIds)
    for (const seat of [...(rooms.get(groupId)?.seats ?? [])])
      if (!seat.by.admin && !members.has(seat.by.userId)) seat.end('access_revoked')
    for (const userId of welcomes.keys()) if (members.has(userId)) welcome(userId, groupId)
  }

  function deleted(groupId: string): void {
    const room = rooms.get(groupId)
    if (!room) return
    room.channel.pass({ type: 'group_deleted', group_id: groupId })
    dismiss(room, 'group_deleted')
  }

  const typingIn = (groupId: string, userId: string, content?: 'start' | 'stop') =>
    rooms
      .get(groupId)
      ?.channel.pass(
        { type: 'typing', group_id: groupId, user_id: userId, ...(content && { content }) },
        userId,
      )

  const peers =
    deps.signals &&
    createPeers({
      signals: deps.signals,
      instanceId: deps.instanceId,
      now: deps.now,
      own: () => [...rooms].filter(([, { own }]) => own.size).map(([groupId, { own }]) => [groupId, own]),
      onCount: (groupId, userId, change) => rooms.get(groupId)?.presence.add(userId, change),
      onTyping: typingIn,
    })

  function dismiss(room: Room, reason: EndReason, userId?: string): void {
    room.channel.flush()
    for (const seat of [...room.seats])
      if (userId === undefined || (seat.by.userId === userId && !seat.by.admin)) seat.end(reason)
  }

  function welcome(userId: string, groupId: string): void {
    for (const open of welcomes.get(userId) ?? []) open(groupId)
  }

  return {
    message(message) {
      rooms.get(message.groupId)?.channel.message(message)
      if (opening.has(message.groupId)) missed.add(message.groupId)
    },

    change(change, about) {
      rooms.get(change.groupId)?.channel.change(change, about)
      if (opening.has(change.groupId)) missed.add(change.groupId)
      if (change.type === 'member_added' && change.userId) welcome(change.userId, change.groupId)
    },

    groupCreated(group) {
      for (const userId of group.authorizedUserIds) welcome(userId, group.id)
    },

    groupDeleted: deleted,

    groupTouched(groupId) {
      if (rooms.has(groupId) || welcomes.size) recheck(groupId).catch(deps.onError)
    },

    catchUp() {
      for (const { channel } of rooms.values()) channel.catchUp().catch(deps.onError)
    },

    typing(groupId, userId, content) {
      typingIn(groupId, userId, content)
      peers?.typing(groupId, userId, content)
    },

    async open(groupId, by) {
      let room = await roomOf(groupId)
      // Others who waited for the same room may have come and gone; then it was closed.
      while (rooms.get(groupId) !== room) room = await roomOf(groupId)
      const { channel, presence, seats } = room
      const here = room
      let listener: Listener | undefined
      let ended: EndReason | undefined
      let isLive = false
      const seat = {
        by,
        end(reason: EndReason) {
          ended = reason
          listener?.end(reason)
        },
      }
      seats.add(seat)
      return {
        channel,
        attach(heard) {
          listener = heard
          if (ended) heard.end(ended)
        },
        live() {
          if (!listener || ended || isLive || !seats.has(seat)) return
          isLive = true
          // First the others hear of it, then the newcomer joins them.
          count(groupId, here, by.userId, 1)
          channel.join(listener)
        },
        leave() {
          if (!seats.delete(seat)) return
          if (isLive && listener) {
            channel.leave(listener)
            count(groupId, here, by.userId, -1)
          }
          if (seats.size) return
          presence.close()
          rooms.delete(groupId)
        },
      }
    },

    onWelcome(userId, callback) {
      const callbacks = welcomes.get(userId) ?? new Set()
      welcomes.set(userId, callbacks.add(callback))
      return () => {
        callbacks.delete(callback)
        if (!callbacks.size) welcomes.delete(userId)
      }
    },

    get openGroups() {
      return rooms.keys()
    },

    presence: (groupId) => rooms.get(groupId)?.presence,

    get instances() {
      return peers?.instances ?? 1
    },

    close() {
      peers?.close()
      for (const { presence } of rooms.values()) presence.close()
    },
  }
}
