import { requireOperator } from '../domain/access.ts'
import type { Caller } from '../domain/caller.ts'
import type { AuditPage, AuditQuery } from '../store/audit.ts'
import type { Store } from '../store/store.ts'

export interface Audit {
  /** What people did by their power over others, newest first. Throws forbidden (operators only), malformed (`before`). */
  list(by: Caller, query: AuditQuery): Promise<AuditPage>
}

export const createAudit = ({ store }: { store: Pick<Store, 'audit'> }): Audit => ({
  async list(by, query) {
    requireOperator(by)
    return store.audit.list(query)
  },
})
