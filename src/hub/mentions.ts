import { mayListen } from '../domain/access.ts'
import { createBoundedMap } from '../domain/bounded-map.ts'
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
  store: Pick<Store, 'members'>
  users: Pick<Users, 'ids' | 'has' | 'tell' | 'ofMentions'>
  now: () => number
  onError(error: unknown): void
}

export function createMentionTeller({ store, users, now, onError }: Deps): MentionTeller {
  const told = createBoundedMap<true>(remembered)
  const everywhere = [users, users.ofMentions]

  function called({ senderId, mentions, mentionAll }: Message): string[] {
    const isThere = (userId: string) => everywhere.some(({ has }) => has(userId))
    const there = mentionAll ? distinct(everywhere.flatMap(({ ids }) => [...ids])) : mentions.filter(isThere)
    return there.filter((userId) => userId !== senderId)
  }

  async function tell(message: Message, userIds: readonly string[]): Promise<void> {
    const { groupId, mentionAll } = message
    for (let i = 0; i < userIds.length; i += atOnce) {
      const some = userIds.slice(i, i + atOnce)
      const found = await store.members.among(groupId, some)
      if (!found) return
      // All are the members; a user who is named may also be another reader.
      const isCalled = (userId: string) =>
        found.userIds.has(userId) || (!mentionAll && mayListen(found, { userId, admin: false }, now()))
      for (const userId of some)
        if (isCalled(userId))
          for (const { tell } of everywhere) tell(userId, { type: 'mention', groupId, message })
    }
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
