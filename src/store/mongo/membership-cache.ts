import type { Membership } from '../../domain/member.ts'

/** Memberships as they were last asked for, also those that are being read: who asks meanwhile waits for the same. */
export interface MembershipCache {
  get(groupId: string, userId: string): Kept | undefined
  /** Resolves as `reading`, which is forgotten when it fails or finds no group. */
  keep(groupId: string, userId: string, reading: Promise<Membership | null>): Promise<Membership | null>
  /** All that is known of the group; of all groups, without an id. */
  forget(groupId?: string): void
}

interface Kept {
  readonly membership: Promise<Membership | null>
  readonly isRead: boolean
}

/** `maxMemberships`: of all groups together; the group that was kept first goes first, and whole. */
export function createMembershipCache(maxMemberships: number): MembershipCache {
  const groups = new Map<string, Map<string, { membership: Kept['membership']; isRead: boolean }>>()
  let count = 0

  function forget(groupId: string): void {
    count -= groups.get(groupId)?.size ?? 0
    groups.delete(groupId)
  }

  function drop(groupId: string, userId: string, entry: object): void {
    const users = groups.get(groupId)
    if (users?.get(userId) !== entry) return
    count--
    users?.delete(userId)
    if (!users?.size) groups.delete(groupId)
  }

  function dropOldest(): void {
    for (const oldest of groups.keys()) {
      if (count <= maxMemberships) return
      forget(oldest)
    }
  }

  return {
    get: (groupId, userId) => groups.get(groupId)?.get(userId),

    keep(groupId, userId, membership) {
      const entry = { membership, isRead: false }
      const users = groups.get(groupId) ?? new Map()
      groups.set(groupId, users)
      if (!users.has(userId)) count++
      users.set(userId, entry)
      dropOldest()
      membership.then(
        (found) => {
          entry.isRead = true
          if (!found) drop(groupId, userId, entry)
        },
        () => drop(groupId, userId, entry),
      )
      return membership
    },

    forget(groupId) {
      if (groupId !== undefined) return forget(groupId)
      groups.clear()
      count = 0
    },
  }
}
