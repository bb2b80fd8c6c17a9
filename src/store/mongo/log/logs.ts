import { ObjectId } from 'mongodb'
import type { LogStore } from '../../log.ts'
import { isNumbered, toChange } from '../documents.ts'
import type { Connection } from '../engine/connect.ts'
import { toMessages } from '../whole-messages.ts'
import { type KeptHeads, majority, readHead } from './heads.ts'
import { readHeads } from './many-heads.ts'
import { createTrim } from './trim.ts'

/** The two logs of each group, as they are served. `patient` is the connection for what may take long. */
export function createLogs(connection: Connection, patient: Connection, heads: KeptHeads): LogStore {
  const { groups, messages, changes, causal } = connection

  return {
    readHead: (groupId) =>
      causal.read(async (options) => {
        const [group, head] = await Promise.all([
          groups.findOne({ _id: new ObjectId(groupId) }, { ...options, projection: { _id: 1 } }),
          readHead(connection, groupId, { ...majority, ...options }),
        ])
        return group && head
      }),

    readHeads: (groupIds) =>
      causal.read(async (options) => {
        const filter = { _id: { $in: groupIds.map((groupId) => new ObjectId(groupId)) } }
        const once = { projection: { _id: 1 }, batchSize: groupIds.length + 1 }
        const there = await groups.find(filter, { ...options, ...once }).toArray()
        const ids = there.map(({ _id }) => _id.toHexString())
        return readHeads(connection, heads, ids, { ...majority, ...options })
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
        return {
          messages: await toMessages(connection, said.filter(isNumbered)),
          changes: read.map(toChange),
        }
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
