import type { AuditEntry, Deed } from '../domain/audit.ts'

/**
 * What people did by their power over others. The nouns that it is done to write it with the deed: in the same transaction, or as a
 * part of what is written first and logged by whoever finds it. So there is no deed without its entry. What changed nothing is no
 * deed. Entries outlive their groups.
 */
export interface AuditStore {
  /** To be called for a deed that is no write of another noun, before it is answered. */
  add(deed: Deed): Promise<void>
  /** Newest first. Throws malformed for a `before` that no page gave. */
  list(query: AuditQuery): Promise<AuditPage>
  /** Drops at most `limit` entries of before `before` (milliseconds since 1970). Resolves to their number; less: there are no more. */
  trim(before: number, limit: number): Promise<number>
}

export interface AuditQuery {
  readonly groupId?: string
  /** Who did it, or whom it was done to. */
  readonly userId?: string
  readonly limit: number
  /** `AuditPage.next` of the page before. */
  readonly before?: string
}

export interface AuditPage {
  readonly entries: readonly AuditEntry[]
  /** Goes on after this page; null at the end. Opaque. */
  readonly next: string | null
}
