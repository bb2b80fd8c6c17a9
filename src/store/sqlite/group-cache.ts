import type { Group } from '../../domain/group.ts'

/**
 * Groups as they were last read. Every request and every connection looks at its group's members, who may be thousands and
 * hardly ever change. Allowed because nobody else writes to the file: who writes a group here forgets it before the
 * writer is answered.
 */
export interface GroupCache {
  /** As `read` finds it, or found it the last time. */
  get(id: string, read: (id: string) => Group | null): Group | null
  forget(id: string): void
}

/** `maxMembers`: of all groups kept; the group used longest ago goes first. */
export function createGroupCache(maxMembers: number): GroupCache {
  const groups = new Map<string, Group>()
  let members = 0

  function forget(id: string): void {
    const group = groups.get(id)
    if (!group) return
    groups.delete(id)
    members -= weight(group)
  }

  return {
    get(id, read) {
      const group = groups.get(id) ?? read(id)
      if (!group) return null
      forget(id)
      groups.set(id, group)
      members += weight(group)
      for (const oldest of groups.keys()) {
        if (members <= maxMembers) break
        forget(oldest)
      }
      return group
    },
    forget,
  }
}

/** An empty group takes room too. */
const weight = (group: Group): number => group.authorizedUserIds.length + 1
