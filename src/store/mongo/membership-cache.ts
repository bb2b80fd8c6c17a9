import type { Membership } from '../../domain/member.ts'

/** Memberships as they were last read, and those that are being read: a second caller waits for the same read. */
export interface MembershipCache {
  get(groupId: string, userId: string): Kept | undefined
  /** Keeps the read, and resolves as it does. It is dropped when it fails or finds no group. */
  keep(groupId: string, userId: string, reading: Promise<Membership | null>): Promise<Membership | null>
  /** Drops all memberships of the group; without an id, of all groups. */
  forget(groupId?: string): void
}

interface Kept {
  readonly membership: Promise<Membership | null>
  readonly isRead: boolean
}

/** At most `maxMemberships` are kept, of all groups together. The group that was kept first is dropped first, and whole. */
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
