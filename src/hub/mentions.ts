import { mayListen } from '../domain/access.ts'
import { createBoundedMap } from '../domain/bounded-map.ts'
import { createOrder } from '../domain/in-order.ts'
import type { Message } from '../domain/message.ts'
import { distinct } from '../domain/user-list.ts'
import type { Store } from '../store/store.ts'
import type { Users } from './users.ts'

/** Tells users that a message mentions them, wherever on this instance they are connected. */
export interface MentionTeller {
  /** To be called with each message that was sent. The same may come several times, from here and from the store. */
  message(message: Message): void
}

/** So many messages are remembered as told. */
const remembered = 10_000
/** So many users are looked up at a time. */
const atOnce = 20_000

interface Deps {
  store: Pick<Store, 'members' | 'blocks'>
  users: Pick<Users, 'ids' | 'has' | 'tell' | 'ofMentions'>
  now: () => number
  onError(error: unknown): void
}

export function createMentionTeller({ store, users, now, onError }: Deps): MentionTeller {
  const told = createBoundedMap<true>(remembered)
  const everywhere = [users, users.ofMentions]
  /** Who is a member is looked up, which takes different time. A group's messages are told in the order in which they came. */
  const inOrder = createOrder()

  function called({ senderId, mentions, mentionAll }: Message): string[] {
    const isThere = (userId: string) => everywhere.some(({ has }) => has(userId))
    const there = mentionAll ? distinct(everywhere.flatMap(({ ids }) => [...ids])) : mentions.filter(isThere)
    return there.filter((userId) => userId !== senderId)
  }

  /** Those of them who are members, or may read what they are called to by name. */
  async function readersOf({ groupId, mentionAll }: Message, userIds: readonly string[]): Promise<string[]> {
    const readers: string[] = []
    for (let i = 0; i < userIds.length; i += atOnce) {
      const some = userIds.slice(i, i + atOnce)
      const found = await store.members.among(groupId, some)
      if (!found) return []
      // All are the members; a user who is named may also be another reader.
      const isCalled = (userId: string) =>
        found.userIds.has(userId) || (!mentionAll && mayListen(found, { userId, admin: false }, now()))
      readers.push(...some.filter(isCalled))
    }
    return readers
  }

  async function tell(message: Message, userIds: readonly string[]): Promise<void> {
    const { groupId } = message
    let readers: readonly string[] = []
    await inOrder(groupId, async () => {
      const found = await readersOf(message, userIds)
      const deaf = await store.blocks.among(message.senderId, found)
      readers = found.filter((userId) => !deaf.has(userId))
    })
    for (const userId of readers)
      for (const { tell } of everywhere) tell(userId, { type: 'mention', groupId, message })
  }

  return {
    message(message) {
      if (message.isDeleted || !(message.mentionAll || message.mentions.length)) return
      if (told.peek(message.id)) return
      told.set(message.id, true)
      const userIds = called(message)
      if (userIds.length) tell(message, userIds).catch(onError)
    },
  }
}
