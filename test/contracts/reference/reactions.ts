import { requireMay } from '../../../src/domain/access.ts'
import type { Caller } from '../../../src/domain/caller.ts'
import { notFound } from '../../../src/domain/errors.ts'
import { limits } from '../../../src/domain/limits.ts'
import { type ReactionOf, reactionsOf, requireRoomForKind } from '../../../src/domain/reaction.ts'
import type { ReactionStore } from '../../../src/store/reactions.ts'
import { type Contents, logChange } from './kept.ts'

const ownIn = (found: readonly ReactionOf[], userId: string): string[] =>
  found.filter((one) => one.userId === userId).map(({ emoji }) => emoji)

export function referenceReactions({ all, membership, need, findMessage }: Contents): ReactionStore {
  const change = (id: string, emoji: string, by: Caller, at: number, added: boolean) => {
    const message = findMessage(id)
    if (!message) throw notFound('message')
    requireMay('write', membership(message.groupId, by.userId), by, at)
    if (message.isDeleted) throw notFound('message')
    const kept = need(message.groupId)
    const before = kept.reactions.get(id) ?? []
    const mine = before.find((one) => one.emoji === emoji && one.userId === by.userId)
    if ((mine !== undefined) === added) return { value: message, changes: [], own: ownIn(before, by.userId) }
    if (added && !before.some((one) => one.emoji === emoji))
      requireRoomForKind(new Set(before.map((one) => one.emoji)).size)
    const after = added ? [...before, { emoji, userId: by.userId }] : before.filter((one) => one !== mine)
    kept.reactions.set(id, after)
    const data = { emoji, user_id: by.userId, added }
    const logged = logChange(kept, { type: 'reactions', at, messageId: id, messageSeq: message.seq, data })
    const counts = [...Map.groupBy(after, (one) => one.emoji)].map(([kind, { length: count }]) => ({
      emoji: kind,
      count,
    }))
    const reactions = reactionsOf(logged.rev, counts, after.slice(0, limits.reactionUsers))
    const value = { ...message, reactions }
    kept.messages[message.seq - 1] = value
    return { value, changes: [logged], own: ownIn(after, by.userId) }
  }

  return {
    add: async (id, emoji, by, at) => change(id, emoji, by, at, true),
    remove: async (id, emoji, by, at) => change(id, emoji, by, at, false),
    async listOwn(userId, messageIds) {
      const own = new Map<string, string[]>()
      for (const { reactions } of all())
        for (const [id, found] of reactions) {
          const mine = ownIn(found, userId)
          if (messageIds.includes(id) && mine.length) own.set(id, mine)
        }
      return own
    },
  }
}
