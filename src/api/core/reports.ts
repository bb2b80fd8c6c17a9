import { Type } from 'typebox'
import type { Reports } from '../../chat/reports.ts'
import { limits } from '../../domain/limits.ts'
import {
  OwnReportView,
  ownReportView,
  ReportDecision,
  ReportReason,
  ReportStatus,
  ReportView,
  reportExample,
  reportView,
} from '../../domain/report.ts'
import { json } from '../../http/body.ts'
import { jsonReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'
import { PageSize } from './page.ts'

const ReportPage = Type.Object(
  {
    reports: Type.Array(ReportView),
    next: Type.Union([Type.String(), Type.Null()], { description: 'Send it as `before`; null at the end.' }),
  },
  { title: 'ReportPage', examples: [{ reports: [reportExample], next: null }] },
)

export const reportRoutes = (reports: Reports, prefix: string): Route[] => [
  userRoute(prefix, {
    method: 'POST',
    path: '/messages/:message_id/reports',
    name: 'reports.add',
    about: 'Report a message to those who look after the service (who may read it); again changes nothing',
    body: json(ReportReason),
    answers: {
      201: { about: 'The report', schema: OwnReportView },
      200: { about: 'The report that the caller made before', schema: OwnReportView },
    },
    limits: ['reports'],
    errors: ['banned', 'forbidden', 'not_found', 'storage_full'],
    async handle({ params, body }, caller) {
      const { report, isNew } = await reports.add(caller, params.message_id, body.reason)
      return jsonReply(isNew ? 201 : 200, ownReportView(report))
    },
  }),

  userRoute(prefix, {
    method: 'GET',
    path: '/reports',
    name: 'reports.list',
    about: 'Reports of messages, newest first (operators)',
    query: Type.Object({
      status: Type.Optional(ReportStatus),
      before: Type.Optional(Type.String({ maxLength: 200, description: 'The `next` of the page before.' })),
      limit: Type.Optional(PageSize),
    }),
    answers: { 200: { about: 'A page of reports', schema: ReportPage } },
    errors: ['malformed', 'forbidden'],
    async handle({ query: { status, before, limit } }, caller) {
      const page = await reports.list(caller, {
        limit: limit ?? limits.defaultPageSize,
        ...(status !== undefined && { status }),
        ...(before !== undefined && { before }),
      })
      return jsonReply(200, { reports: page.reports.map(reportView), next: page.next })
    },
  }),

  userRoute(prefix, {
    method: 'PATCH',
    path: '/reports/:report_id',
    name: 'reports.decide',
    about: 'Close a report (operators)',
    body: json(ReportDecision),
    answers: { 200: { about: 'The report', schema: ReportView } },
    errors: ['forbidden', 'not_found', 'storage_full'],
    handle: async ({ params, body }, caller) =>
      jsonReply(200, reportView(await reports.decide(caller, params.report_id, body))),
  }),
]
