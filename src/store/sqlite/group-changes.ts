import type { Written } from '../written.ts'
import type { HeadCache } from './head-cache.ts'
import type { MembershipCache } from './membership-cache.ts'

/** Resolves to what was written to a group or its people. Nothing is kept of it from before, whatever came of the write. */
export type GroupChanged = <T>(groupId: string, written: Promise<Written<T>>) => Promise<Written<T>>

interface Deps {
  memberships: MembershipCache
  heads: HeadCache
}

export const createGroupChanged =
  ({ memberships, heads }: Deps): GroupChanged =>
  async (groupId, writing) => {
    try {
      const written = await writing
      for (const change of written.changes) heads.raise(groupId, change)
      return written
    } finally {
      memberships.forget(groupId)
    }
  }
