import type { Naming } from '../../domain/naming.ts'
import { distinct } from '../../domain/user-list.ts'
import type { GroupStore } from '../groups.ts'
import type { Database } from './engine/database.ts'
import type { GroupChanged } from './group-changes.ts'
import type { GroupRow } from './group-columns.ts'
import type { GroupReads } from './group-reads.ts'
import type { createGroupWrites } from './group-writes.ts'
import type { HeadCache } from './head-cache.ts'

/** One job of the writer adds so many members to a new group, which is some 2 ms of work. */
export const membersPerStep = 200

interface StoreDeps {
  database: Database<ReturnType<typeof createGroupWrites>>
  reads: GroupReads
  heads: HeadCache
  changed: GroupChanged
  /** How many members a group may have. */
  maxMembers: number
}

export function createGroupStore(deps: StoreDeps): GroupStore {
  const { database, reads, heads, changed, maxMembers } = deps
  const { read, write } = database

  async function createInSteps(
    row: GroupRow,
    userIds: readonly string[],
    naming: Naming | null,
  ): Promise<number> {
    await write('groups.beginDraft', row.id, userIds.length, maxMembers)
    try {
      for (let from = 0; from < userIds.length; from += membersPerStep) {
        const some = userIds.slice(from, from + membersPerStep)
        await write('groups.addToDraft', row, some, from)
      }
      return await write('groups.endDraft', row, naming)
    } catch (error) {
      // If not even this can be written, the next start drops the draft.
      await write('groups.dropDraft', row.id).catch(() => undefined)
      throw error
    }
  }

  return {
    async create(given, naming = null) {
      const { authorizedUserIds, ...rest } = given
      const userIds = distinct(authorizedUserIds)
      const row = { ...rest, memberCount: userIds.length }
      const isSmall = userIds.length <= membersPerStep
      const making = isSmall
        ? write('groups.create', row, userIds, maxMembers, naming)
        : createInSteps(row, userIds, naming)
      return { value: { ...given, number: await making }, changes: [] }
    },
    read: async (id) => read(() => reads.one(id)),
    readSummary: async (id) => read(() => reads.summary(id)),
    list: async (userId, page) => read(() => reads.ofUser(userId, page)),
    listOpen: async (userId, listing, at) => read(() => reads.open(userId, listing, at)),
    listIds: async (userId, limit, hidden = false) => read(() => reads.idsOfUser(userId, limit, hidden)),
    listNames: async (userId, ids) => read(() => reads.namesOfUser(userId, ids)),
    update(id, patch, by, at) {
      const { authorizedUserIds: userIds } = patch
      const distinctly = userIds ? { ...patch, authorizedUserIds: distinct(userIds) } : patch
      return changed(id, write('groups.update', id, distinctly, by, at, maxMembers))
    },
    delete: (id, by, at) => changed(id, write('groups.delete', id, by, at)).finally(() => heads.forget(id)),
  }
}
