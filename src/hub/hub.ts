import type { Caller } from '../domain/caller.ts'
import type { Change } from '../domain/change.ts'
import { notFound } from '../domain/errors.ts'
import type { Group } from '../domain/group.ts'
import type { Message } from '../domain/message.ts'
import type { Signals } from '../store/signals.ts'
import type { ChannelDeps } from './channel.ts'
import { createPeers } from './peers.ts'
import type { Presence } from './presence.ts'
import { createRoom, type Room } from './room.ts'
import type { Seat } from './seat.ts'
import { createSweep } from './sweep.ts'

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
  /** A place in the group's live path. Throws not_found, unavailable. */
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

export interface HubDeps extends Omit<ChannelDeps, 'groupId' | 'start' | 'onTold' | 'onGap'> {
  /** Where there are other instances: the way to them. */
  signals?: Signals
  instanceId: string
  now: () => number
  /** A log or a group could not be read: the store is away. It is tried again until it can. */
  onError(error: unknown): void
}

export function createHub(deps: HubDeps): Hub {
  const { store } = deps
  const rooms = new Map<string, Room>()
  const opening = new Map<string, Promise<Room>>()
  /** Groups that something was published to while their room was being opened. */
  const missed = new Set<string>()
  const welcomes = new Map<string, Set<(groupId: string) => void>>()

  /** Groups whose live path has missed something. */
  const behind = createSweep(async (groupId) => rooms.get(groupId)?.channel.catchUp(), deps.onError)
  /** Groups that may have changed, or be gone. */
  const touched = createSweep(recheck, deps.onError)

  async function makeRoom(groupId: string): Promise<Room> {
    const head = await store.readHead(groupId)
    if (!head) throw notFound('group')
    const start = { seq: head.seq, rev: head.rev }
    const room = createRoom({
      ...deps,
      ...{ groupId, start, peers },
      onGap: () => behind.add(groupId),
      onEmpty: () => rooms.delete(groupId),
    })
    rooms.set(groupId, room)
    // What was published between the reading of the head and now is known to nobody else.
    if (missed.delete(groupId)) behind.add(groupId)
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

  /** Looks again at who may hear, and who might want to. */
  async function recheck(groupId: string): Promise<void> {
    const group = await store.readGroup(groupId)
    if (!group) return deleted(groupId)
    const members = new Set(group.authorizedUserIds)
    rooms.get(groupId)?.dismiss('access_revoked', (by) => by.admin || members.has(by.userId))
    for (const userId of welcomes.keys()) if (members.has(userId)) welcome(userId, groupId)
  }

  function deleted(groupId: string): void {
    const room = rooms.get(groupId)
    room?.channel.pass({ type: 'group_deleted', group_id: groupId })
    room?.dismiss('group_deleted', () => false)
  }

  function welcome(userId: string, groupId: string): void {
    for (const open of welcomes.get(userId) ?? []) open(groupId)
  }

  function typingIn(groupId: string, userId: string, content?: 'start' | 'stop'): void {
    const event = { type: 'typing', group_id: groupId, user_id: userId, ...(content && { content }) } as const
    rooms.get(groupId)?.channel.pass(event, userId)
  }

  const peers =
    deps.signals &&
    createPeers({
      signals: deps.signals,
      instanceId: deps.instanceId,
      now: deps.now,
      own: () =>
        [...rooms.values()]
          .filter(({ presence }) => presence.own.size)
          .map(({ groupId, presence }) => [groupId, presence.own]),
      onCount: (groupId, userId, change) => rooms.get(groupId)?.presence.addElsewhere(userId, change),
      onTyping: typingIn,
    })

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
      if (rooms.has(groupId) || welcomes.size) touched.add(groupId)
    },

    catchUp() {
      for (const groupId of rooms.keys()) behind.add(groupId)
      for (const groupId of opening.keys()) missed.add(groupId)
    },

    typing(groupId, userId, content) {
      typingIn(groupId, userId, content)
      peers?.typing(groupId, userId, content)
    },

    async open(groupId, by) {
      let room = await roomOf(groupId)
      // Others who waited for the same room may have come and gone; then it was closed.
      while (rooms.get(groupId) !== room) room = await roomOf(groupId)
      return room.sit(by)
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
      behind.close()
      touched.close()
      for (const { presence } of rooms.values()) presence.close()
    },
  }
}
