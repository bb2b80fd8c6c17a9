import type { Filter } from 'mongodb'
import { type GroupListing, isByCreation } from '../../domain/group-list.ts'
import type { GroupDoc } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { type createGroupList, newestFirst } from './group-list.ts'
import { readBannedGroups } from './people.ts'

/** Reads the ids of a page of the open groups that the user is not banned from. */
export const createOpenGroupList =
  (connection: Connection, listGroups: ReturnType<typeof createGroupList>) =>
  async (userId: string, listing: GroupListing, at: number): Promise<{ ids: string[]; total: number }> => {
    const { groups, causal } = connection
    const banned = await causal.read((options) => readBannedGroups(connection, userId, at, options))
    const filter: Filter<GroupDoc> = {
      visibility: 'open',
      _id: { $type: 'objectId', $nin: banned },
    }
    if (!isByCreation(listing)) return listGroups(filter, listing)
    const { offset: skip, limit } = listing
    const [docs, total] = await causal.read((options) =>
      Promise.all([
        groups.find(filter, { ...options, sort: newestFirst, skip, limit, projection: { _id: 1 } }).toArray(),
        groups.countDocuments(filter, options),
      ]),
    )
    return { ids: docs.map(({ _id }) => _id.toHexString()), total }
  }
