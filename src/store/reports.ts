import type { Caller } from '../domain/caller.ts'
import type { NewReport, Report, ReportDecision, ReportStatus } from '../domain/report.ts'

/** What people say of messages to those who look after the service. A report goes with its group. */
export interface ReportStore {
  /** Resolves to the report that is there under this id, if there is one, and else to this one, which is open. */
  add(report: NewReport): Promise<{ report: Report; isNew: boolean }>
  /** null when there is none. */
  read(id: string): Promise<Report | null>
  /** Newest first. Throws malformed for a `before` that no page gave. */
  list(query: ReportQuery): Promise<ReportPage>
  /** Closes a report, or closes it in another way; the audit tells it. Throws not_found. */
  decide(id: string, decision: ReportDecision, by: Caller, at: number): Promise<Report>

  /** Reports of which nobody was told yet outside of the service, oldest first: an outbox. */
  untold(limit: number): Promise<Report[]>
  /** To be called when these were told. */
  told(ids: readonly string[]): Promise<void>
}

export interface ReportQuery {
  readonly status?: ReportStatus
  readonly limit: number
  /** `ReportPage.next` of the page before. */
  readonly before?: string
}

export interface ReportPage {
  readonly reports: readonly Report[]
  /** Goes on after this page; null at the end. Opaque. */
  readonly next: string | null
}
