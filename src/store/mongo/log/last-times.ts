import type { Head } from '../../../domain/change.ts'
import { createdAt } from '../documents.ts'
import type { CausalOptions } from '../engine/causal.ts'
import type { Connection } from '../engine/connect.ts'
import { type KeptHeads, local } from './heads.ts'

/** When the last message of each group was sent, by group, in milliseconds since 1970; groups without messages are left out. */
export async function readLastTimes(
  connection: Connection,
  keptHeads: Pick<KeptHeads, 'lastOf'>,
  heads: ReadonlyMap<string, Head>,
  options: CausalOptions,
): Promise<Map<string, number>> {
  const ids = [...heads.keys()]
  const kept = await connection.heads
    .find({ _id: { $in: ids } }, { ...options, ...local, projection: { last: 1 }, batchSize: ids.length + 1 })
    .toArray()
  const times = new Map<string, number>()
  const known = new Map(kept.map(({ _id, last }) => [_id, last]))
  const unknown: string[] = []
  for (const [groupId, { seq }] of heads) {
    const last = [known.get(groupId), keptHeads.lastOf(groupId)].find((each) => each?.seq === seq)
    if (last) times.set(groupId, last.at.getTime())
    else if (seq > 0) unknown.push(`${groupId}:${seq}`)
  }
  if (!unknown.length) return times
  const docs = await connection.messages
    .find(
      { slot: { $in: unknown } },
      { ...options, projection: { group_id: 1, created_at: 1 }, batchSize: unknown.length + 1 },
    )
    .toArray()
  for (const doc of docs) times.set(doc.group_id, createdAt(doc))
  return times
}
