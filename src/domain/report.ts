import { type Static, Type } from 'typebox'
import { limits } from './limits.ts'
import { Id, Lines, Text, Time, time } from './text.ts'

export const ReportStatus = Type.Enum(['open', 'resolved', 'dismissed'])
export type ReportStatus = Static<typeof ReportStatus>

/** Somebody says that a message breaks the rules. Times are milliseconds since 1970. */
export interface NewReport {
  /** Made from the message and who reports it, so that each reports a message once. */
  readonly id: string
  readonly messageId: string
  readonly groupId: string
  /** Who sent the message. */
  readonly senderId: string
  readonly reporterId: string
  readonly reason: string
  readonly createdAt: number
}

export interface Report extends NewReport {
  readonly status: ReportStatus
  /** What an operator wrote to it. */
  readonly note: string
  readonly decidedBy: string | null
  readonly decidedAt: number | null
}

export const openReport = (report: NewReport): Report => ({
  ...report,
  status: 'open',
  note: '',
  decidedBy: null,
  decidedAt: null,
})

export const ReportReason = Type.Object(
  { reason: Text({ maxLength: limits.reportReason, description: 'Unicode text, not blank.' }) },
  { title: 'NewReport', examples: [{ reason: 'Sells things that nobody asked for.' }] },
)
export type ReportReason = Static<typeof ReportReason>

export const ReportDecision = Type.Object(
  {
    status: Type.Enum(['resolved', 'dismissed']),
    note: Type.Optional(Lines({ maxLength: limits.reportNote })),
  },
  { title: 'ReportDecision', examples: [{ status: 'resolved', note: 'Deleted, and warned.' }] },
)
export type ReportDecision = Static<typeof ReportDecision>

export const ownReportExample = {
  id: '65920080c0ffee0000000003',
  message_id: '65920080c0ffee0000000002',
  group_id: '65920080c0ffee0000000001',
  reason: 'Sells things that nobody asked for.',
  status: 'open',
  created_at: '2026-01-01T00:00:00.000Z',
}

/** A report as the one who made it sees it. */
export const OwnReportView = Type.Object(
  {
    id: Id,
    message_id: Id,
    group_id: Id,
    reason: Type.String(),
    status: ReportStatus,
    created_at: Time,
  },
  { title: 'OwnReport', examples: [ownReportExample] },
)

export const ownReportView = (report: Report): Static<typeof OwnReportView> => ({
  id: report.id,
  message_id: report.messageId,
  group_id: report.groupId,
  reason: report.reason,
  status: report.status,
  created_at: time(report.createdAt),
})

const OrNull = Type.Union([Type.String(), Type.Null()])

export const reportExample = {
  ...ownReportExample,
  status: 'resolved',
  sender_id: 'mallory',
  reporter_id: 'bob',
  note: 'Deleted, and warned.',
  decided_by: 'root',
  decided_at: '2026-01-01T01:00:00.000Z',
}

export const ReportView = Type.Object(
  {
    ...OwnReportView.properties,
    sender_id: Type.String({ description: 'Who sent the message.' }),
    reporter_id: Type.String(),
    note: Type.String(),
    decided_by: OrNull,
    decided_at: Type.Union([Time, Type.Null()]),
  },
  { title: 'Report', examples: [reportExample] },
)

export const reportView = (report: Report): Static<typeof ReportView> => ({
  ...ownReportView(report),
  sender_id: report.senderId,
  reporter_id: report.reporterId,
  note: report.note,
  decided_by: report.decidedBy,
  decided_at: report.decidedAt === null ? null : time(report.decidedAt),
})
