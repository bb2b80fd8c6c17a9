import { requireMay } from '../../../src/domain/access.ts'
import { isActive } from '../../../src/domain/ban.ts'
import type { Change } from '../../../src/domain/change.ts'
import { memberData } from '../../../src/domain/changes.ts'
import { ChatError } from '../../../src/domain/errors.ts'
import { isForOwners, isToldApart, requireRoom, requireSeen, summaryOf } from '../../../src/domain/group.ts'
import { type GroupListing, pageOfGroups } from '../../../src/domain/group-list.ts'
import { plainMember } from '../../../src/domain/member.ts'
import { newMember, ownersWithout, requireNoneBanned } from '../../../src/domain/member-changes.ts'
import type { GroupStore } from '../../../src/store/groups.ts'
import { mostMembers } from '../../support/samples.ts'
import { type Contents, type Kept, logChange } from './kept.ts'
import { bannedUntil } from './members.ts'

export function referenceGroups({ groups, names, end, all, membership, need }: Contents): GroupStore {
  const marksOf = (userId: string) => {
    const those = (is: 'pinned' | 'hidden') =>
      new Set(all().flatMap(({ group, chosen }) => (chosen.get(userId)?.[is] ? [group.id] : [])))
    return { pinned: those('pinned'), hidden: those('hidden') }
  }
  const listedGroup = ({ group, messages }: Kept) => ({
    ...group,
    lastMessageAt: messages.at(-1)?.createdAt ?? null,
  })
  const listed = (userId: string) =>
    all()
      .map(({ group }) => group)
      .filter((group) => group.authorizedUserIds.includes(userId))
  const pageOf = (userId: string, listing: GroupListing) =>
    pageOfGroups(
      listed(userId).map(({ id }) => listedGroup(need(id))),
      listing,
      marksOf(userId),
    )

  let lastNumber = 0
  return {
    /** A number that is given is kept, so that a store can be compared that has numbered others before. */
    async create(given, naming = null) {
      if (groups.has(given.id)) throw new ChatError('conflict', 'taken')
      if (naming && (names.get(naming.name)?.incarnation ?? 0) !== naming.incarnation)
        throw new ChatError('conflict', 'deleted meanwhile')
      requireRoom(0, given.authorizedUserIds.length, mostMembers)
      const group = { ...given, number: given.number ?? ++lastNumber }
      if (naming) names.set(naming.name, { ...naming, groupId: group.id })
      const members = new Map(group.authorizedUserIds.map((userId) => [userId, plainMember(group, userId)]))
      groups.set(group.id, {
        group,
        members,
        mutes: new Map(),
        bans: new Map(),
        reads: new Map(),
        messages: [],
        reactions: new Map(),
        replaced: new Map(),
        invites: [],
        chosen: new Map(),
        texts: new Map(),
        hashes: new Map(),
        changes: [],
        trimmed: 0,
        cleared: 0,
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
    async listOpen(userId, listing, at) {
      const open = all().filter(
        ({ group, bans }) => group.visibility === 'open' && !isActive(bans.get(userId) ?? null, at),
      )
      const { ids, total } = pageOfGroups(open.map(listedGroup), listing)
      return { groups: ids.map((id) => summaryOf(need(id).group)), total }
    },
    listIds: async (userId, limit, hidden = false) =>
      pageOf(userId, { sort: 'activity', offset: 0, limit, hidden }).ids,
    listNames: async (userId, ids) =>
      listed(userId)
        .filter(({ id }) => ids.includes(id))
        .map(({ id, name }) => ({ id, name })),
    async update(id, patch, by, at) {
      requireMay(isForOwners(patch) ? 'manage' : 'describe', membership(id, by.userId), by, at)
      const kept = need(id)
      const before = kept.group
      requireSeen(before, patch)
      const { ifTag: _, ...wanted } = { ...before, ...patch }
      const userIds = wanted.authorizedUserIds
      const added = userIds.filter((userId) => !before.authorizedUserIds.includes(userId))
      const removed = before.authorizedUserIds.filter((userId) => !userIds.includes(userId))
      requireNoneBanned(added, bannedUntil(kept, added), by, at)
      const ownerIds = removed.length ? ownersWithout(before, removed) : before.ownerIds
      requireRoom(kept.members.size - removed.length, added.length, mostMembers)
      if (JSON.stringify(before) === JSON.stringify(wanted)) return { value: before, changes: [] }
      const after = { ...wanted, ownerIds, updatedAt: at }
      kept.group = after
      const changes: Change[] = []
      if (isToldApart(before, after)) changes.push(logChange(kept, { type: 'group_updated', at }))
      for (const userId of added) {
        const member = newMember(after, userId, kept.mutes.get(userId) ?? null, at)
        kept.members.set(userId, member)
        kept.reads.set(userId, { seq: kept.messages.length, at: null })
        changes.push(logChange(kept, { type: 'member_added', data: memberData(member), at }))
      }
      for (const userId of removed) {
        kept.members.delete(userId)
        kept.reads.delete(userId)
        const data = { user_id: userId, by: by.userId }
        changes.push(logChange(kept, { type: 'member_removed', data, at }))
      }
      return { value: after, changes }
    },
    async delete(id, by, at) {
      requireMay('delete', membership(id, by.userId), by, at)
      end(id)
      return { value: null, changes: [] }
    },
  }
}
