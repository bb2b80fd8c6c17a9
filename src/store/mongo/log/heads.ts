import type { ReadConcernLike } from 'mongodb'
import type { Head } from '../../../domain/change.ts'
import type { Connection } from '../engine/connect.ts'

/** `local`: as the primary has it, for appending. `majority`: what can't be rolled back, for serving. */
type Concern = { readConcern: ReadConcernLike }
export const local: Concern = { readConcern: 'local' }
export const majority: Concern = { readConcern: 'majority' }

export async function lastSeq({ messages }: Connection, groupId: string, concern: Concern): Promise<number> {
  const last = await messages.findOne(
    { group_id: groupId },
    { ...concern, sort: { seq: -1 }, projection: { seq: 1 } },
  )
  return last?.seq ?? 0
}

/**
 * The ends of both logs. The changes are read first, so `seq` is not below what the last of them had seen: a
 * change that counts as known never belongs to a message that is still to come.
 */
export async function readHeads(connection: Connection, groupId: string, concern: Concern): Promise<Head> {
  const last = await connection.changes.findOne({ group_id: groupId }, { ...concern, sort: { rev: -1 } })
  const seq = await lastSeq(connection, groupId, concern)
  return { seq, rev: last?.rev ?? 0, deleted: last?.deleted ?? 0 }
}
