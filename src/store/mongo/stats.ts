import { type AnyBulkWriteOperation, ObjectId } from 'mongodb'
import { activityOf } from '../../domain/activity.ts'
import type { LogStore } from '../log.ts'
import type { StatsStore, StoreStats } from '../stats.ts'
import { createdAt, type MessageDoc } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { failedIndexes } from './engine/failure.ts'
import { startJob } from './engine/job.ts'
import { memberCount, type SummaryDoc, toGroup } from './group-documents.ts'
import { local } from './log/heads.ts'
import type { TotalsDoc } from './own-documents.ts'

const hourMs = 3_600_000
const flushEveryMs = 5_000
const hoursKept = 48
/** When so many figures are gathered between two flushes, the next flush comes early. */
const maxGathered = 2_000
const statsMs = 1_500

/**
 * The figures that StatsStore reads, kept beside the data. What this instance does is gathered and added every few seconds. A
 * crash loses the last of it, which is acceptable because only operators see these figures.
 */
export interface Totals {
  groupMade(at: number): void
  messageSent(groupId: string, at: number): void
  messageDeleted(count?: number): void
  messageRestored(): void
  /** A file of so many bytes. */
  fileCame(size: number): void
  fileWent(size: number): void
  /** A message that is older than this service got its number. */
  adopted(doc: MessageDoc): void
  /** The group had so many deleted messages. */
  groupGone(groupId: string, deleted: number): void
  read: StatsStore['read']
  stop(): Promise<void>
}

interface Deps {
  connection: Connection
  logs: Pick<LogStore, 'readHead'>
  now: () => number
  onError(error: unknown): void
}

type Sums = Record<string, number>

export function createTotals({ connection, logs, now, onError }: Deps): Totals {
  const { db, erasures, groups, messages, reports, totals } = connection
  /** What is to be added, by document and field. */
  let gathered = new Map<string, Sums>()
  /** When each group was last active. */
  let active = new Map<string, number>()
  let gone: string[] = []
  let flushing: Promise<void> = Promise.resolve()

  function add(id: string, field: string, amount: number): void {
    const sums = gathered.get(id) ?? {}
    gathered.set(id, sums)
    sums[field] = (sums[field] ?? 0) + amount
  }

  async function write(): Promise<void> {
    const [sums, times, dropped] = [gathered, active, gone]
    gathered = new Map()
    active = new Map()
    gone = []
    const operations = [...sums].map(([_id, $inc]): AnyBulkWriteOperation<TotalsDoc> => {
      const at = times.get(_id)
      const update = { $inc, ...(at !== undefined && { $max: { at: new Date(at) } }) }
      return { updateOne: { filter: { _id }, update, upsert: true } }
    })
    if (dropped.length) operations.push({ deleteMany: { filter: { _id: { $in: dropped } } } })
    if (!operations.length) return
    try {
      await totals.bulkWrite(operations, { ordered: false, writeConcern: { w: 1 } })
    } catch (error) {
      // When another instance made the same document, ours can be added to it now. Any other error failed everything.
      const refused = failedIndexes(error)
      const failed = refused.length ? refused : operations.keys()
      const entries = [...sums]
      for (const index of failed) {
        const [id, again] = entries[index] ?? []
        for (const [field, amount] of Object.entries(again ?? {})) add(id as string, field, amount)
        const at = times.get(id ?? '')
        if (at !== undefined) active.set(id as string, Math.max(at, active.get(id as string) ?? 0))
      }
      if (refused.length) return
      gone.push(...dropped)
      throw error
    }
  }

  function flush(): Promise<void> {
    flushing = flushing.catch(() => undefined).then(write)
    return flushing
  }

  async function dropOldHours(): Promise<void> {
    const hour = Math.floor(now() / hourMs) - hoursKept
    await totals.deleteMany({ _id: { $gte: 'hour:', $lt: hourId(hour) } })
  }

  const job = startJob(flushEveryMs, flush, onError)
  const tidying = startJob(hourMs, dropOldHours, onError)

  async function readActive(): Promise<StoreStats['active']> {
    const hottest = await totals
      .find({ heat: { $gt: 0 } }, local)
      .sort({ heat: -1 })
      .limit(10)
      .toArray()
    const ids = hottest.map(({ _id }) => _id.slice('group:'.length))
    const [docs, heads] = await Promise.all([
      groups
        .aggregate<SummaryDoc>([
          { $match: { _id: { $in: ids.map((id) => new ObjectId(id)) } } },
          { $project: { name: 1, kind: 1, visibility: 1, member_count: memberCount } },
        ])
        .toArray(),
      Promise.all(ids.map((id) => logs.readHead(id))),
    ])
    const found = new Map(docs.map((doc) => [doc._id.toHexString(), doc]))
    return ids.flatMap((id, i) => {
      const [doc, head] = [found.get(id), heads[i]]
      if (!doc || !head) return []
      const { name, kind, visibility } = toGroup(doc)
      const { seq, deleted } = head
      return {
        ...{ id, name, kind, visibility, memberCount: doc.member_count },
        ...{ messages: seq - deleted, deleted, lastAt: hottest[i]?.at?.getTime() ?? 0 },
      }
    })
  }

  /** What was made in the last 24 hours. */
  async function readGrowth(at: number): Promise<StoreStats['growth']> {
    const hours = Array.from({ length: 24 }, (_, i) => hourId(Math.floor(at / hourMs) - i))
    const docs = await totals.find({ _id: { $in: hours } }, local).toArray()
    const sum = (field: 'groups' | 'messages') => docs.reduce((all, doc) => all + (doc[field] ?? 0), 0)
    return { groups: sum('groups'), messages: sum('messages') }
  }

  function addFile(count: number, bytes: number): void {
    add('total', 'files', count)
    add('total', 'file_bytes', bytes)
  }

  function messageSent(groupId: string, at: number): void {
    const id = `group:${groupId}`
    add(hourOf(at), 'messages', 1)
    add(id, 'heat', activityOf(at))
    active.set(id, Math.max(at, active.get(id) ?? 0))
    if (gathered.size > maxGathered) job.wake()
  }

  return {
    groupMade: (at) => add(hourOf(at), 'groups', 1),
    messageSent,
    messageDeleted: (count = 1) => add('total', 'deleted', count),
    messageRestored: () => add('total', 'deleted', -1),
    fileCame: (size) => addFile(1, size),
    fileWent: (size) => addFile(-1, -size),

    adopted(doc) {
      messageSent(doc.group_id, createdAt(doc))
      if (doc.is_deleted) add('total', 'deleted', 1)
    },

    groupGone(groupId, deleted) {
      const id = `group:${groupId}`
      gathered.delete(id)
      active.delete(id)
      gone.push(id)
      if (deleted) add('total', 'deleted', -deleted)
    },

    async read(at) {
      await flush()
      const counting = { limit: 1_000, maxTimeMS: statsMs }
      const [groupCount, messageCount, total, growth, hottest, bytes, ...few] = await Promise.all([
        // The collection's own records have the number, so nothing is counted.
        groups.estimatedDocumentCount({ maxTimeMS: statsMs }),
        messages.estimatedDocumentCount({ maxTimeMS: statsMs }),
        totals.findOne({ _id: 'total' }, local),
        readGrowth(at),
        readActive(),
        db.command({ dbStats: 1 }).then(sizeOf, () => null),
        reports.countDocuments({ status: 'open' }, counting),
        erasures.countDocuments({ user_id: { $exists: true } }, counting),
      ])
      const deleted = Math.min(messageCount, Math.max(0, total?.deleted ?? 0))
      const files = { count: Math.max(0, total?.files ?? 0), bytes: Math.max(0, total?.file_bytes ?? 0) }
      const [openReports, underWay] = few
      const counted = { groups: groupCount, messages: messageCount, deleted, openReports, erasures: underWay }
      return { ...counted, growth, bytes, files, active: hottest }
    },

    async stop() {
      await Promise.all([job.stop(), tidying.stop()])
      await flush().catch(onError)
    },
  }
}

export const hourId = (hour: number): string => `hour:${String(hour).padStart(8, '0')}`
const hourOf = (at: number): string => hourId(Math.floor(at / hourMs))

function sizeOf(stats: { storageSize?: unknown; indexSize?: unknown }): number | null {
  const { storageSize, indexSize } = stats
  return typeof storageSize === 'number'
    ? storageSize + (typeof indexSize === 'number' ? indexSize : 0)
    : null
}
