import { requireOperator } from '../domain/access.ts'
import type { Caller } from '../domain/caller.ts'
import { notFound } from '../domain/errors.ts'
import type { Rates } from '../domain/rates.ts'
import type { Report, ReportDecision } from '../domain/report.ts'
import type { ReportPage, ReportQuery } from '../store/reports.ts'
import type { Store } from '../store/store.ts'
import { readableGroup } from './access.ts'
import { keyedId } from './ids.ts'

export interface Reports {
  /**
   * Reports a message. Whoever reports it again is answered with their report as it is. Throws not_found (also for a deleted message),
   * banned, forbidden (those who may read it), rate_limited.
   */
  add(by: Caller, messageId: string, reason: string): Promise<{ report: Report; isNew: boolean }>
  /** Newest first. Throws forbidden (operators only), malformed (`before`). */
  list(by: Caller, query: ReportQuery): Promise<ReportPage>
  /** Closes a report; again: in another way. Throws forbidden (operators only), not_found. */
  decide(by: Caller, id: string, decision: ReportDecision): Promise<Report>
}

interface Deps {
  store: Pick<Store, 'reports' | 'messages' | 'members'>
  now: () => number
  rates: Pick<Rates, 'reports'>
}

export function createReports(deps: Deps): Reports {
  const { store, now, rates } = deps
  return {
    async add(by, messageId, reason) {
      rates.reports.take(by.userId)
      const message = await store.messages.read(messageId)
      if (message === null) throw notFound('message')
      const { groupId, senderId } = message
      await readableGroup(deps, by, groupId)
      if (message.isDeleted) throw notFound('message')
      const id = keyedId(groupId, by.userId, `report ${messageId}`)
      const reporterId = by.userId
      return store.reports.add({ id, messageId, groupId, senderId, reporterId, reason, createdAt: now() })
    },

    async list(by, query) {
      requireOperator(by)
      return store.reports.list(query)
    },

    async decide(by, id, decision) {
      requireOperator(by)
      return store.reports.decide(id, decision, by, now())
    },
  }
}
