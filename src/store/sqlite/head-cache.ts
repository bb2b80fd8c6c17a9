import { createBoundedMap } from '../../domain/bounded-map.ts'
import type { Head } from '../../domain/change.ts'

/**
 * Heads of groups as they were last read or written, because every page of history and every connection asks for one.
 * They are never behind: nobody else writes to the file, and each write raises the kept head before its caller is answered.
 */
export interface HeadCache {
  /** The head as `read` finds it, or as it found it the last time, with what was written since. */
  get(groupId: string, read: (groupId: string) => Head | null): Head | null
  /** The group's logs reach at least so far now. */
  raise(groupId: string, to: Partial<Head>): void
  forget(groupId: string): void
}

/** At most `maxGroups` heads are kept; the one used longest ago is dropped first. */
export function createHeadCache(maxGroups: number): HeadCache {
  const heads = createBoundedMap<Head>(maxGroups)
  return {
    get(groupId, read) {
      const kept = heads.get(groupId)
      if (kept) return kept
      const head = read(groupId)
      if (head) heads.set(groupId, head)
      return head
    },

    raise(groupId, { seq = 0, rev = 0, deleted = 0 }) {
      const head = heads.peek(groupId)
      if (!head) return
      heads.set(groupId, {
        seq: Math.max(head.seq, seq),
        rev: Math.max(head.rev, rev),
        // The count of deleted messages goes with the change that made it, and may go down.
        deleted: rev > head.rev ? deleted : head.deleted,
      })
    },

    forget: heads.delete,
  }
}
