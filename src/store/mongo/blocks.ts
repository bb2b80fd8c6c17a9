import { ObjectId } from 'mongodb'
import type { Block } from '../../domain/block.ts'
import { createBoundedMap } from '../../domain/bounded-map.ts'
import { ChatError } from '../../domain/errors.ts'
import { limits } from '../../domain/limits.ts'
import type { BlockStore } from '../blocks.ts'
import type { Connection } from './engine/connect.ts'
import type { BlockDoc } from './own-documents.ts'

/** A line break is in no user's id. */
export const idOf = (userId: string, blockedId: string): string => `${userId}\n${blockedId}`

const toBlock = (doc: BlockDoc): Block => ({ userId: doc.blocked_id, createdAt: doc.created_at.getTime() })

/** Of more users than so many, all who have blocked somebody are read, who are few. */
const mostLookUps = 100

export function createBlocks({ blocks, causal }: Pick<Connection, 'blocks' | 'causal'>): BlockStore {
  return {
    async put(userId, blockedId, at) {
      const _id = idOf(userId, blockedId)
      const there = await blocks.findOne({ _id })
      if (there) return toBlock(there)
      if ((await blocks.countDocuments({ user_id: userId })) >= limits.blocks)
        throw new ChatError('limit_reached', `You may block at most ${limits.blocks} users.`)
      const made = { user_id: userId, blocked_id: blockedId, created_at: new Date(at) }
      const doc = await blocks.findOneAndUpdate(
        { _id },
        { $setOnInsert: made },
        { upsert: true, returnDocument: 'after' },
      )
      return toBlock(doc ?? { _id, ...made })
    },

    async remove(userId, blockedId) {
      await blocks.deleteOne({ _id: idOf(userId, blockedId) })
    },

    list: (userId) =>
      causal.read(async (options) => {
        const sort = { created_at: 1, blocked_id: 1 } as const
        return (await blocks.find({ user_id: userId }, { ...options, sort }).toArray()).map(toBlock)
      }),

    among: (blockedId, userIds) =>
      causal.read(async (options) => {
        if (!userIds.length) return new Set()
        const filter =
          userIds.length > mostLookUps
            ? { blocked_id: blockedId }
            : { _id: { $in: userIds.map((userId) => idOf(userId, blockedId)) } }
        const docs = await blocks.find(filter, { ...options, projection: { user_id: 1 } }).toArray()
        const blockers = new Set(docs.map(({ user_id }) => user_id))
        return new Set(userIds.filter((userId) => blockers.has(userId)))
      }),
  }
}

/** So many direct chats are remembered with their two. */
const rememberedChats = 50_000

/** Tells whether the other of a direct chat has blocked the user. It is never kept, because it has to hold at once. */
export function createBlockedInChat({
  blocks,
  groups,
  causal,
}: Pick<Connection, 'blocks' | 'groups' | 'causal'>) {
  /** The two of a chat are so for good. */
  const pairs = createBoundedMap<readonly string[]>(rememberedChats)

  return (groupId: string, userId: string): Promise<boolean> =>
    causal.read(async (options) => {
      let pair = pairs.get(groupId)
      if (!pair) {
        const projection = { authorized_user_ids: 1 }
        const doc = await groups.findOne({ _id: new ObjectId(groupId) }, { ...options, projection })
        pair = doc?.authorized_user_ids ?? []
        if (doc) pairs.set(groupId, pair)
      }
      const ids = pair.filter((other) => other !== userId).map((other) => idOf(other, userId))
      return (await blocks.findOne({ _id: { $in: ids } }, { ...options, projection: { _id: 1 } })) !== null
    })
}
