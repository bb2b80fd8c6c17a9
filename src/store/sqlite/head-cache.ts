import type { Head } from '../../domain/change.ts'

/**
 * Heads of groups as they were last read or written: every page of history and every connection asks for one. Allowed
 * because nobody else writes to the file: what is written here moves the kept head on before the writer is answered.
 */
export interface HeadCache {
  /** As `read` finds it, or found it the last time, with what was written since. */
  get(groupId: string, read: (groupId: string) => Head | null): Head | null
  /** So far the group's logs reach now, at least. */
  raise(groupId: string, to: Partial<Head>): void
  forget(groupId: string): void
}

/** `maxGroups`: of those kept; the one used longest ago goes first. */
export function createHeadCache(maxGroups: number): HeadCache {
  const heads = new Map<string, Head>()

  function keep(groupId: string, head: Head): void {
    heads.delete(groupId)
    heads.set(groupId, head)
    if (heads.size <= maxGroups) return
    for (const oldest of heads.keys()) {
      heads.delete(oldest)
      break
    }
  }

  return {
    get(groupId, read) {
      const head = heads.get(groupId) ?? read(groupId)
      if (head) keep(groupId, head)
      return head
    },

    raise(groupId, { seq = 0, rev = 0, deleted = 0 }) {
      const head = heads.get(groupId)
      if (!head) return
      keep(groupId, {
        seq: Math.max(head.seq, seq),
        rev: Math.max(head.rev, rev),
        deleted: Math.max(head.deleted, deleted),
      })
    },

    forget: (groupId) => void heads.delete(groupId),
  }
}
