import type { Group } from '../../domain/group.ts'
import type { Membership } from '../../domain/member.ts'

/**
 * Memberships as they were last read. Every request and every connection asks for one, and they hardly ever change. They are
 * never old: nobody else writes to the file, and each write of a group, its members or bans drops its memberships before its caller is
 * answered.
 */
export interface MembershipCache {
  /** The membership as the reads find it, or as they found it the last time. */
  get(groupId: string, userId: string, reads: Reads): Membership | null
  /** Drops all memberships of the group. */
  forget(groupId: string): void
}

interface Kept {
  readonly group: Group
  readonly memberships: Map<string, Membership>
}

interface Reads {
  group(groupId: string): Group | null
  standing(groupId: string, userId: string): Omit<Membership, 'group'>
}

/** At most `maxMemberships` are kept, of all groups together. The group read longest ago is dropped first, and whole. */
export function createMembershipCache(maxMemberships: number): MembershipCache {
  const groups = new Map<string, Kept>()
  let count = 0

  function forget(groupId: string): void {
    count -= groups.get(groupId)?.memberships.size ?? 0
    groups.delete(groupId)
  }

  /** The group that was used last is dropped last. */
  function use(groupId: string, kept: Kept): void {
    groups.delete(groupId)
    groups.set(groupId, kept)
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
      if (known && found) {
        use(groupId, known)
        return found
      }
      const group = known?.group ?? reads.group(groupId)
      if (!group) return null
      const membership = { group, ...reads.standing(groupId, userId) }
      // An old group gets its number beside the service, which drops nothing here.
      if (group.number === null) return membership
      const kept: Kept = known ?? { group, memberships: new Map() }
      kept.memberships.set(userId, membership)
      count++
      use(groupId, kept)
      dropOldest()
      return membership
    },
    forget,
  }
}
