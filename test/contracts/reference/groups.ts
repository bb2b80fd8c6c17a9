import { requireMay } from '../../../src/domain/access.ts'
import type { Change } from '../../../src/domain/change.ts'
import { ChatError } from '../../../src/domain/errors.ts'
import { requireSeen, summaryOf } from '../../../src/domain/group.ts'
import { type GroupListing, pageOfGroups } from '../../../src/domain/group-list.ts'
import { founderOf } from '../../../src/domain/member.ts'
import type { GroupStore } from '../../../src/store/groups.ts'
import { type Contents, logChange } from './kept.ts'

export function referenceGroups({ groups, all, membership, need }: Contents): GroupStore {
  const listed = (userId: string) =>
    all()
      .map(({ group }) => group)
      .filter((group) => group.authorizedUserIds.includes(userId))
  const pageOf = (userId: string, listing: GroupListing) =>
    pageOfGroups(
      listed(userId).map((group) => ({
        ...group,
        lastMessageAt: groups.get(group.id)?.messages.at(-1)?.createdAt ?? null,
      })),
      listing,
    )

  return {
    async create(group) {
      if (groups.has(group.id)) throw new ChatError('conflict', 'taken')
      const members = new Map(group.authorizedUserIds.map((userId) => [userId, founderOf(group, userId)]))
      groups.set(group.id, {
        group,
        members,
        reads: new Map(),
        messages: [],
        reactions: new Map(),
        hashes: new Map(),
        changes: [],
        trimmed: 0,
      })
      return { value: group, changes: [] }
    },
    read: async (id) => groups.get(id)?.group ?? null,
    async readSummary(id) {
      const kept = groups.get(id)
      return kept ? summaryOf(kept.group) : null
    },
    async list(userId, listing) {
      const { ids, total } = pageOf(userId, listing)
      return { groups: ids.map((id) => summaryOf(need(id).group)), total }
    },
    listIds: async (userId, limit) => pageOf(userId, { sort: 'activity', offset: 0, limit }).ids,
    listNames: async (userId, ids) =>
      listed(userId)
        .filter(({ id }) => ids.includes(id))
        .map(({ id, name }) => ({ id, name })),
    async update(id, patch, by, at) {
      requireMay('manage', membership(id, by.userId), by)
      const kept = need(id)
      const before = kept.group
      requireSeen(before, patch)
      const { ifTag: _, ...after } = { ...before, ...patch }
      if (JSON.stringify(before) === JSON.stringify(after)) return { value: before, changes: [] }
      kept.group = { ...after, updatedAt: at }
      const changes: Change[] = []
      if (before.name !== after.name || before.description !== after.description)
        changes.push(logChange(kept, { type: 'group_updated', at }))
      for (const userId of after.authorizedUserIds)
        if (!before.authorizedUserIds.includes(userId)) {
          kept.members.set(userId, { ...founderOf(after, userId), joinedAt: at })
          kept.reads.set(userId, { seq: kept.messages.length, at: null })
          changes.push(logChange(kept, { type: 'member_added', data: { user_id: userId }, at }))
        }
      for (const userId of before.authorizedUserIds)
        if (!after.authorizedUserIds.includes(userId)) {
          kept.members.delete(userId)
          kept.reads.delete(userId)
          changes.push(logChange(kept, { type: 'member_removed', data: { user_id: userId }, at }))
        }
      return { value: kept.group, changes }
    },
    async delete(id, by) {
      requireMay('manage', membership(id, by.userId), by)
      groups.delete(id)
      return { value: null, changes: [] }
    },
  }
}
