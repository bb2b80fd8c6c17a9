import { ObjectId } from 'mongodb'
import type { LogStore } from '../../log.ts'
import { isNumbered, toChange, toMessage } from '../documents.ts'
import type { Connection } from '../engine/connect.ts'
import { majority, readHeads } from './heads.ts'
import { createTrim } from './trim.ts'

/** The two logs of each group, as they are served. `patient` is for what may take long. */
export function createLogs(connection: Connection, patient: Connection): LogStore {
  const { groups, messages, changes, causal } = connection

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

    trim: createTrim(patient),
  }
}
