import { decision as decisionDeed } from '../../../src/domain/audit.ts'
import { notFound } from '../../../src/domain/errors.ts'
import { openReport, type Report } from '../../../src/domain/report.ts'
import type { ReportStore } from '../../../src/store/reports.ts'
import type { Contents } from './kept.ts'

export function referenceReports({ groups, reports, untold, deeds }: Contents): ReportStore {
  const living = () => [...reports.values()].filter(({ groupId }) => groups.has(groupId))
  const byTime = (a: Report, b: Report) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)
  return {
    async add(given) {
      const there = reports.get(given.id)
      if (there) return { report: there, isNew: false }
      const report = openReport(given)
      reports.set(given.id, report)
      untold.add(given.id)
      return { report, isNew: true }
    },
    read: async (id) => living().find((report) => report.id === id) ?? null,
    async list({ status, limit, before }) {
      const found = living()
        .filter((report) => status === undefined || report.status === status)
        .sort(byTime)
        .toReversed()
      const from = before === undefined ? 0 : Number(before)
      const next = found.length > from + limit ? `${from + limit}` : null
      return { reports: found.slice(from, from + limit), next }
    },
    async decide(id, { status, note = '' }, by, at) {
      const before = reports.get(id)
      if (!before) throw notFound('report')
      deeds.push(decisionDeed(before, status, by, at))
      const after = { ...before, status, note, decidedBy: by.userId, decidedAt: at }
      reports.set(id, after)
      return after
    },
    untold: async (limit) =>
      living()
        .filter(({ id }) => untold.has(id))
        .sort(byTime)
        .slice(0, limit),
    async told(ids) {
      for (const id of ids) untold.delete(id)
    },
  }
}
