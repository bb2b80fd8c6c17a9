import { type Filter, ObjectId } from 'mongodb'
import { keptSince } from '../../domain/retention.ts'
import type { DueGroup, RetentionStore } from '../retention.ts'
import { createdAt, type GroupDoc, isNumbered, type MessageDoc } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import type { Removals } from './removals.ts'

interface Deps {
  connection: Connection
  removals: Removals
  /** Of a write that begins now. */
  deadline(): number
}

/** How far a group is cleared stands beside its head. Where that is lost, what is empty already is passed over again. */
export function createRetention({ connection, removals, deadline }: Deps): RetentionStore {
  const { groups, messages, heads } = connection

  const clearedOf = async (groupId: string): Promise<number> =>
    (await heads.findOne({ _id: groupId }, { projection: { cleared: 1 } }))?.cleared ?? 0

  const raise = (groupId: string, cleared: number) =>
    heads.updateOne({ _id: groupId }, { $max: { cleared } }, { upsert: true })

  return {
    async due({ after, days, at, limit }) {
      const filter = { _id: { $type: 'objectId', ...(after !== null && { $gt: new ObjectId(after) }) } }
      const docs = await groups
        .find(filter as Filter<GroupDoc>, { projection: { retention_days: 1 }, sort: { _id: 1 }, limit })
        .toArray()
      const asked = docs.flatMap(({ _id, retention_days }): DueGroup[] => {
        const before = keptSince(retention_days ?? null, days, at)
        return before === null ? [] : [{ groupId: _id.toHexString(), before }]
      })
      return {
        groups: await withOld(asked),
        next: docs.length < limit ? null : (docs.at(-1)?._id.toHexString() ?? null),
      }
    },

    async clear(groupId, before, limit, at) {
      const from = await clearedOf(groupId)
      const found = await messages
        .find({ group_id: groupId, seq: { $gt: from } })
        .sort({ seq: 1 })
        .limit(limit)
        .toArray()
      const young = found.findIndex((doc) => createdAt(doc) >= before)
      const old = (young === -1 ? found : found.slice(0, young)).filter(isNumbered)
      const last = old.at(-1)
      if (!last) return { value: 0, changes: [] }
      // Whoever clears from here logs the same entry, which may tell of fewer messages than there are by now.
      const _id = `cleared:${groupId}:${from}`
      const data = { after_seq: from, up_to_seq: last.seq }
      const logged = await removals.remove(
        old,
        () => ({ _id, type: 'history_cleared', at: new Date(at), data }),
        deadline(),
      )
      const upTo = Number(logged?.data.up_to_seq ?? last.seq)
      const told = old.filter(({ seq }) => seq <= upTo)
      await removals.settle(told.map((doc) => doc._id))
      await raise(groupId, upTo)
      return { value: told.length, changes: logged ? [logged] : [] }
    },
  }

  /** Those of the groups whose next message is too old, or missing. */
  async function withOld(asked: readonly DueGroup[]): Promise<DueGroup[]> {
    if (!asked.length) return []
    const ids = asked.map(({ groupId }) => groupId)
    const kept = await heads.find({ _id: { $in: ids } }, { projection: { cleared: 1, seq: 1 } }).toArray()
    const headOf = new Map(kept.map((head) => [head._id, head]))
    const slotOf = (groupId: string) => `${groupId}:${(headOf.get(groupId)?.cleared ?? 0) + 1}`
    const slots = { slot: { $in: ids.map(slotOf) } } as Filter<MessageDoc>
    const next = await messages.find(slots, { projection: { slot: 1, created_at: 1 } }).toArray()
    const sentAt = new Map(next.map((doc) => [doc.slot, createdAt(doc)]))
    return asked.filter(({ groupId, before }) => {
      const { cleared = 0, seq = 0 } = headOf.get(groupId) ?? {}
      const at = sentAt.get(slotOf(groupId))
      return at === undefined ? seq > cleared : at < before
    })
  }
}
