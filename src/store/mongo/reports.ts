import type { Filter } from 'mongodb'
import { decision as decisionDeed } from '../../domain/audit.ts'
import { ChatError, notFound } from '../../domain/errors.ts'
import { openReport, type Report } from '../../domain/report.ts'
import type { ReportStore } from '../reports.ts'
import { type AuditOnMongo, toDeedDoc } from './audit.ts'
import type { Connection } from './engine/connect.ts'
import { isDuplicate } from './engine/failure.ts'
import { markId } from './log/pending.ts'
import type { ReportDoc } from './own-documents.ts'

interface Deps {
  connection: Pick<Connection, 'reports' | 'causal'>
  audit: Pick<AuditOnMongo, 'record'>
}

export function createReports({ connection, audit }: Deps): ReportStore {
  const { reports, causal } = connection

  async function readOne(id: string): Promise<Report | null> {
    const doc = await reports.findOne({ _id: id })
    return doc && toReport(doc)
  }

  return {
    async add(given) {
      const made = openReport(given)
      try {
        await reports.insertOne({ ...toDoc(made), is_untold: true })
        return { report: made, isNew: true }
      } catch (error) {
        const there = isDuplicate(error) ? await readOne(given.id) : null
        if (!there) throw error
        return { report: there, isNew: false }
      }
    },

    read: readOne,

    async list({ status, limit, before }) {
      const filter: Filter<ReportDoc> = {
        ...(status !== undefined && { status }),
        ...(before !== undefined && isBefore(before)),
      }
      const docs = await causal.read((options) =>
        reports
          .find(filter, options)
          .sort({ created_at: -1, _id: -1 })
          .limit(limit + 1)
          .toArray(),
      )
      const found = docs.slice(0, limit).map(toReport)
      const last = docs.length > limit ? found.at(-1) : undefined
      return { reports: found, next: last ? `${last.createdAt}-${last.id}` : null }
    },

    async decide(id, { status, note = '' }, by, at) {
      const before = await readOne(id)
      if (!before) throw notFound('report')
      // It is recorded first, because nothing would tell of it after a crash.
      await audit.record([{ _id: markId(), ...toDeedDoc(decisionDeed(before, status, by, at)) }])
      const set = { status, note, decided_by: by.userId, decided_at: new Date(at) }
      const after = await reports.findOneAndUpdate({ _id: id }, { $set: set }, { returnDocument: 'after' })
      if (!after) throw notFound('report')
      return toReport(after)
    },

    untold: async (limit) =>
      (await reports.find({ is_untold: true }).sort({ created_at: 1, _id: 1 }).limit(limit).toArray()).map(
        toReport,
      ),

    told: async (ids) =>
      void (await reports.updateMany({ _id: { $in: [...ids] } }, { $unset: { is_untold: '' } })),
  }
}

export const toDoc = (report: Report): ReportDoc => ({
  _id: report.id,
  message_id: report.messageId,
  group_id: report.groupId,
  sender_id: report.senderId,
  reporter_id: report.reporterId,
  reason: report.reason,
  created_at: new Date(report.createdAt),
  status: report.status,
  note: report.note,
  decided_by: report.decidedBy,
  decided_at: report.decidedAt === null ? null : new Date(report.decidedAt),
})

export const toReport = (doc: ReportDoc): Report => ({
  id: doc._id,
  messageId: doc.message_id,
  groupId: doc.group_id,
  senderId: doc.sender_id,
  reporterId: doc.reporter_id,
  reason: doc.reason,
  createdAt: doc.created_at.getTime(),
  status: doc.status,
  note: doc.note,
  decidedBy: doc.decided_by,
  decidedAt: doc.decided_at?.getTime() ?? null,
})

function isBefore(before: string): Filter<ReportDoc> {
  const [, ms, id] = /^(\d{1,15})-([0-9a-f]{24})$/.exec(before) ?? []
  if (ms === undefined || id === undefined)
    throw new ChatError('malformed', 'before: send the next of the page before.')
  const created_at = new Date(Number(ms))
  return { $or: [{ created_at: { $lt: created_at } }, { created_at, _id: { $lt: id } }] }
}
