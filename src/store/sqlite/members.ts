import { distinct } from '../../domain/user-list.ts'
import type { MemberPage, MemberQuery, MemberStore } from '../members.ts'
import type { Database } from './engine/database.ts'
import type { GroupChanged } from './group-changes.ts'
import type { HeadCache } from './head-cache.ts'
import type { MemberReads } from './member-reads.ts'
import type { createMemberWrites } from './member-writes.ts'
import type { MembershipCache } from './membership-cache.ts'

interface StoreDeps {
  database: Database<ReturnType<typeof createMemberWrites>>
  reads: MemberReads
  readPage(groupId: string, page: MemberQuery): MemberPage | null
  cache: MembershipCache
  heads: HeadCache
  changed: GroupChanged
  /** How many members a group may have. */
  maxMembers: number
}

export function createMemberStore(deps: StoreDeps): MemberStore {
  const { database, reads, readPage, cache, heads, changed, maxMembers } = deps
  const { read, write } = database
  const among = async (groupId: string, userIds: readonly string[]) =>
    read(() => reads.among(groupId, userIds))
  return {
    read: async (groupId, userId) =>
      read(() => {
        const found = cache.get(groupId, userId, reads)
        return found && reads.withBlock(found, userId)
      }),
    among,
    // Nobody else writes to the file, so a read is never older than its call.
    confirm: among,
    sharing: async (userId, others) => read(() => reads.sharing(userId, others)),
    list: async (groupId, page) => read(() => readPage(groupId, page)),
    add: (groupId, userIds, way, by, at) =>
      changed(groupId, write('members.add', groupId, distinct(userIds), way, by, at, maxMembers)),
    change: (groupId, userId, patch, by, at) =>
      changed(groupId, write('members.change', groupId, userId, patch, by, at)),
    async remove(groupId, userId, by, at, options = {}) {
      const written = await changed(groupId, write('members.remove', groupId, userId, by, at, options))
      if (written.value === 'group_deleted') heads.forget(groupId)
      return written
    },
  }
}
