import { type Filter, ObjectId } from 'mongodb'
import {
  type GroupListing,
  type GroupMarks,
  type ListedGroup,
  pageOfGroups,
} from '../../domain/group-list.ts'
import type { GroupDoc } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { toGroup } from './group-documents.ts'
import { type KeptHeads, local } from './log/heads.ts'

/** So many of a user's groups are looked at, the newest. */
const mostListed = 10_000

/** The groups that list this user, without those that they are banned from. */
export const listing = (userId: string, banned: readonly ObjectId[]): Filter<GroupDoc> => ({
  authorized_user_ids: { $eq: userId },
  _id: { $type: 'objectId', $nin: banned },
})

/** The newest first. */
export const newestFirst = { created_at: -1, _id: -1 } as const

/** Reads the ids of a page of these groups, in any order that there is. The cost is that of all of them. */
export const createGroupList =
  ({ groups, heads, causal }: Connection, keptHeads: Pick<KeptHeads, 'lastOf'>) =>
  async (
    filter: Filter<GroupDoc>,
    wanted: GroupListing,
    marks?: GroupMarks,
  ): Promise<{ ids: string[]; total: number }> => {
    const all = await causal.read(async (options): Promise<ListedGroup[]> => {
      const docs = await groups
        .find(filter, {
          ...options,
          sort: newestFirst,
          limit: mostListed,
          projection: { name: 1, created_at: 1 },
        })
        .toArray()
      const found = docs.map(toGroup)
      const ids = found.map(({ id }) => id)
      const kept = await heads
        .find({ _id: { $in: ids } }, { ...options, ...local, projection: { last: 1 } })
        .toArray()
      const lastOf = new Map(kept.map(({ _id, last }) => [_id, last]))
      return found.map(({ id, name, createdAt }) => {
        const last = [lastOf.get(id), keptHeads.lastOf(id)].reduce((a, b) =>
          (a?.seq ?? 0) > (b?.seq ?? 0) ? a : b,
        )
        return { id, name, createdAt, lastMessageAt: last?.at.getTime() ?? null }
      })
    })
    return pageOfGroups(all, wanted, marks)
  }

export const withIds = (ids: readonly string[]): Filter<GroupDoc> => ({
  _id: { $in: ids.map((id) => new ObjectId(id)) },
})
