import { ChatError } from '../../../src/domain/errors.ts'
import { limits } from '../../../src/domain/limits.ts'
import type { BlockStore } from '../../../src/store/blocks.ts'
import type { Contents } from './kept.ts'

export function referenceBlocks({ blocks }: Contents): BlockStore {
  const of = (userId: string) => {
    const own = blocks.get(userId) ?? new Map<string, number>()
    blocks.set(userId, own)
    return own
  }
  return {
    async put(userId, blockedId, at) {
      const own = of(userId)
      if (!own.has(blockedId) && own.size >= limits.blocks) throw new ChatError('limit_reached', 'Too many.')
      if (!own.has(blockedId)) own.set(blockedId, at)
      return { userId: blockedId, createdAt: own.get(blockedId) ?? at }
    },
    async remove(userId, blockedId) {
      of(userId).delete(blockedId)
    },
    list: async (userId) =>
      [...of(userId)]
        .map(([blockedId, createdAt]) => ({ userId: blockedId, createdAt }))
        .sort((a, b) => a.createdAt - b.createdAt || (a.userId < b.userId ? -1 : 1)),
    among: async (blockedId, userIds) => new Set(userIds.filter((userId) => of(userId).has(blockedId))),
  }
}
