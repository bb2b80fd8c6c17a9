import type { Collection, Document } from 'mongodb'
import type { Head } from '../../../domain/change.ts'
import type { Connection } from '../engine/connect.ts'
import { type Concern, type KeptHeads, local, readHead } from './heads.ts'

/**
 * The heads of many groups in three queries. A kept head is right when the logs have nothing at the numbers that come
 * next. The other heads are read one by one, and kept: those of groups that are written to at this moment, or that this
 * version of the service has never read. A number that was removed by hand before its head was kept may be missed; then
 * what follows it is told as new.
 */
export async function readHeads(
  connection: Connection,
  keptHeads: KeptHeads,
  groupIds: readonly string[],
  concern: Concern,
): Promise<Map<string, Head>> {
  const kept = await connection.heads
    .find({ _id: { $in: [...groupIds] } }, { ...concern, ...local, batchSize: groupIds.length + 1 })
    .toArray()
  const heads = new Map<string, Head>()
  for (const { _id, seq, changes } of kept)
    if (seq !== undefined && changes) heads.set(_id, { seq, rev: changes.rev, deleted: changes.deleted })
  // Changes are read first, so that no change counts as known before the messages that it follows.
  const changed = await withSlot(connection.changes, nextSlots(heads, 'rev'), concern)
  const sent = await withSlot(connection.messages, nextSlots(heads, 'seq'), concern)
  const moved = new Set([...changed, ...sent])
  const unsure = groupIds.filter((groupId) => moved.has(groupId) || !heads.has(groupId))
  await Promise.all(
    unsure.map(async (groupId) => {
      const head = await readHead(connection, groupId, concern)
      const { seq, rev, deleted } = head
      heads.set(groupId, head)
      keptHeads.saw(groupId, { seq, changes: { rev, deleted } })
    }),
  )
  return heads
}

const nextSlots = (heads: ReadonlyMap<string, Head>, number: 'seq' | 'rev'): string[] =>
  [...heads].map(([groupId, head]) => `${groupId}:${head[number] + 1}`)

/** The groups of those slots that are taken. */
async function withSlot<Doc extends Document & { group_id: string }>(
  collection: Collection<Doc>,
  slots: readonly string[],
  concern: Concern,
): Promise<string[]> {
  const filter = { slot: { $in: slots } } as object
  const once = { projection: { group_id: 1 }, batchSize: slots.length + 1 }
  const docs = await collection.find(filter, { ...concern, ...once }).toArray()
  return docs.map((doc) => doc.group_id)
}
