import type { Message } from '../../domain/message.ts'
import type { LogStore } from '../log.ts'
import { isNumbered, type NumberedDoc } from './documents.ts'
import type { CausalOptions } from './engine/causal.ts'
import type { Connection } from './engine/connect.ts'
import { toMessages } from './whole-messages.ts'

/** Of a group whose last message is deleted, so many before it are looked at together with those of the other groups. */
const lookBack = 20

/** Reads the newest message of each group that is not deleted, by group: a few queries, unless many are deleted at the end of a group. */
export const createLastMessages =
  (connection: Connection, { readHeads }: Pick<LogStore, 'readHeads'>) =>
  (groupIds: readonly string[]): Promise<Map<string, Message>> =>
    connection.causal.read(async (options) => {
      const heads = await readHeads(groupIds)
      const found = new Map<string, NumberedDoc>()
      const left = () => [...heads].filter(([groupId, { seq }]) => seq > 0 && !found.has(groupId))
      const look = async (depth: number): Promise<void> => {
        const slots = left().flatMap(([groupId, { seq }]) =>
          Array.from({ length: Math.min(depth, seq) }, (_, i) => `${groupId}:${seq - i}`),
        )
        for (const doc of await withSlots(connection, slots, options))
          if (doc.seq > (found.get(doc.group_id)?.seq ?? 0)) found.set(doc.group_id, doc)
      }
      await look(1)
      await look(lookBack)
      const rest = left().filter(([, { seq, deleted }]) => deleted < seq)
      const docs = await Promise.all(
        rest.map(([groupId]) =>
          connection.messages.findOne(
            { group_id: groupId, seq: { $gt: 0 }, is_deleted: { $ne: true } },
            { ...options, sort: { seq: -1 } },
          ),
        ),
      )
      for (const doc of docs) if (doc && isNumbered(doc)) found.set(doc.group_id, doc)
      const messages = await toMessages(connection, [...found.values()])
      return new Map(messages.map((message) => [message.groupId, message]))
    })

async function withSlots(
  { messages }: Connection,
  slots: readonly string[],
  options: CausalOptions,
): Promise<NumberedDoc[]> {
  if (!slots.length) return []
  const filter = { slot: { $in: [...slots] }, is_deleted: { $ne: true } }
  const docs = await messages.find(filter, { ...options, batchSize: slots.length + 1 }).toArray()
  return docs.filter(isNumbered)
}
