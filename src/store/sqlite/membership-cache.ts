import type { Group } from '../../domain/group.ts'
import type { Member, Membership } from '../../domain/member.ts'

/**
 * Memberships as they were last read. Every request and every connection asks for one, and they hardly ever change. Allowed
 * because nobody else writes to the file: who writes a group here forgets it before the writer is answered.
 */
export interface MembershipCache {
  /** As the reads find it, or found it the last time. */
  get(groupId: string, userId: string, reads: Reads): Membership | null
  /** All that is known of the group. */
  forget(groupId: string): void
}

interface Reads {
  group(groupId: string): Group | null
  member(groupId: string, userId: string): Member | null
}

/** `maxMemberships`: of all groups together; the group used longest ago goes first, and whole. */
export function createMembershipCache(maxMemberships: number): MembershipCache {
  const groups = new Map<string, { group: Group; memberships: Map<string, Membership> }>()
  let count = 0

  function forget(groupId: string): void {
    count -= groups.get(groupId)?.memberships.size ?? 0
    groups.delete(groupId)
  }

  function dropOldest(): void {
    for (const oldest of groups.keys()) {
      if (count <= maxMemberships) return
      forget(oldest)
    }
  }

  return {
    get(groupId, userId, reads) {
      const known = groups.get(groupId)
      const found = known?.memberships.get(userId)
      if (found) return found
      const group = known?.group ?? reads.group(groupId)
      if (!group) return null
      const membership = { group, member: reads.member(groupId, userId) }
      const kept = known ?? { group, memberships: new Map() }
      kept.memberships.set(userId, membership)
      count++
      // What was asked for last goes last.
      groups.delete(groupId)
      groups.set(groupId, kept)
      dropOldest()
      return membership
    },
    forget,
  }
}
