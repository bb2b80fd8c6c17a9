import { ObjectId } from 'mongodb'
import type { LogStore } from '../../log.ts'
import { isNumbered, toChange, toMessage } from '../documents.ts'
import type { Connection } from '../engine/connect.ts'
import { majority, readHeads } from './heads.ts'

/** The two logs of each group, as they are served. `patient` is for what may take long. */
export function createLogs(connection: Connection, patient: Connection): LogStore {
  const { groups, messages, changes, causal } = connection

  /** The last `rev` that may go: below the first entry that is to stay, and below the group's last one. */
  async function trimEnd(groupId: string, before: Date): Promise<number> {
    const of = { group_id: groupId }
    const kept =
      (await changes.findOne({ ...of, at: { $gte: before } }, { sort: { rev: 1 } })) ??
      (await changes.findOne(of, { sort: { rev: -1 } }))
    return kept ? kept.rev - 1 : 0
  }

  return {
    readHead: (groupId) =>
      causal.read(async (options) => {
        const [group, head] = await Promise.all([
          groups.findOne({ _id: new ObjectId(groupId) }, { ...options, projection: { _id: 1 } }),
          readHeads(connection, groupId, { ...majority, ...options }),
        ])
        return group && head
      }),

    read: (groupId, after, limit) =>
      causal.read(async (options) => {
        const read = await changes
          .find({ group_id: groupId, rev: { $gt: after.rev } }, options)
          .sort({ rev: 1 })
          .limit(limit)
          .toArray()
        const said = await messages
          .find({ group_id: groupId, seq: { $gt: after.seq } }, options)
          .sort({ seq: 1 })
          .limit(limit)
          .toArray()
        return { messages: said.filter(isNumbered).map(toMessage), changes: read.map(toChange) }
      }),

    readStart: (groupId) =>
      causal.read(async (options) => {
        const [first, group] = await Promise.all([
          changes.findOne({ group_id: groupId }, { ...options, sort: { rev: 1 }, projection: { rev: 1 } }),
          groups.findOne({ _id: new ObjectId(groupId) }, { ...options, projection: { log_start: 1 } }),
        ])
        return Math.max((first?.rev ?? 1) - 1, group?.log_start ?? 0)
      }),

    async trim(before) {
      const date = new Date(before)
      const old = await patient.changes
        .aggregate<{ _id: string }>([{ $match: { at: { $lt: date } } }, { $group: { _id: '$group_id' } }])
        .toArray()
      let count = 0
      for (const { _id: groupId } of old) {
        const rev = await trimEnd(groupId, date)
        const first = await changes.findOne(
          { group_id: groupId },
          { sort: { rev: 1 }, projection: { rev: 1 } },
        )
        if (!first || first.rev > rev) continue
        // First the promise, then the deed: a reader between them is told that its place is gone.
        await groups.updateOne({ _id: new ObjectId(groupId) }, { $max: { log_start: rev } })
        count += (await patient.changes.deleteMany({ group_id: groupId, rev: { $lte: rev } })).deletedCount
      }
      return count
    },
  }
}
