import type { Change } from '../../../domain/change.ts'
import { type ChangeDoc, toChange } from '../documents.ts'
import type { Connection } from '../engine/connect.ts'
import { createLogWriter } from './append.ts'
import { type KeptHeads, readHead } from './heads.ts'
import type { Turns } from './turns.ts'

/** A change to be logged; the log gives it `rev`, `seq` and the count of deleted messages. */
export type ChangeDraft = Omit<ChangeDoc, 'group_id' | 'rev' | 'slot' | 'seq' | 'deleted'> & {
  /** How many messages the change deletes, -1 for a restore; or, after a crash, how many are deleted in all. */
  deletes?: number | { total: number }
}

export interface ChangeLog {
  /** Resolves to the entry, logged now or before under the same `_id`. Drafts given in the same turn keep their order. */
  append(groupId: string, draft: ChangeDraft, deadline: number): Promise<Change>
  /** To be called when an entry of another instance was seen. */
  saw(change: Change): void
}

export function createChangeLog(connection: Connection, heads: KeptHeads, turns: Turns): ChangeLog {
  const { changes } = connection
  const writer = createLogWriter<ChangeDraft & { groupId: string }, ChangeDoc, Ends>({
    insert: (docs) => changes.insertMany(docs, { ordered: true }),
    find: (drafts) => changes.find({ _id: { $in: drafts.map((draft) => draft._id) } }).toArray(),
    id: (of) => of._id,
    // All instances make the same document of an entry.
    isOf: () => true,
    async readHead(groupId, concern) {
      const { seq, rev, deleted } = await readHead(connection, groupId, { readConcern: concern })
      return { number: rev, seq, deleted }
    },
    onWritten(groupId, docs) {
      const { rev, deleted } = docs.reduce((last, doc) => (doc.rev > last.rev ? doc : last))
      heads.raise(groupId, { changes: { rev, deleted } })
    },
    next: nextEntry,
    // An entry names the message head of its moment, so that has to be read each time.
    keepsHeads: () => false,
    turns,
    maxBatch: 256,
    unlessHung: connection.unlessHung,
  })
  return {
    async append(groupId, draft, deadline) {
      const { doc } = await writer.append(groupId, { ...draft, groupId }, deadline)
      return toChange(doc)
    },

    saw: ({ groupId, rev, deleted }) => heads.saw(groupId, { changes: { rev, deleted } }),
  }
}

/** The ends of both logs. */
interface Ends {
  number: number
  seq: number
  deleted: number
}

function nextEntry(ends: Ends, draft: ChangeDraft & { groupId: string }): { doc: ChangeDoc; head: Ends } {
  const { groupId, deletes = 0, ...rest } = draft
  const head = {
    number: ends.number + 1,
    seq: Math.max(ends.seq, draft.message_seq ?? 0),
    // What the older service deleted after it was adopted was never counted, and may be restored.
    deleted: typeof deletes === 'number' ? Math.max(0, ends.deleted + deletes) : deletes.total,
  }
  const { number: rev, seq, deleted } = head
  return { doc: { ...rest, group_id: groupId, rev, slot: `${groupId}:${rev}`, seq, deleted }, head }
}
