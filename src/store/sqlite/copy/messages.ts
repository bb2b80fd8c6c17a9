import type { DatabaseSync } from 'node:sqlite'
import type { MessageRecord } from '../../copy/records.ts'
import type { NounCopy } from '../../copy/side.ts'
import { columns } from '../engine/columns.ts'
import { declaredMessage } from '../messages.ts'
import { pagesOf } from './table.ts'

const { reactions: _, pinnedAt: __, ...declared } = declaredMessage
const row = columns<Omit<MessageRecord, 'keptSince'>>({
  ...declared,
  sendHash: 'send_hash',
  reactionsRev: 'reactions_rev',
})

const kept = (column: string) =>
  `CASE is_deleted WHEN 1 THEN (SELECT ${column} FROM deleted_texts WHERE message_id = id) END`

export function createMessageCopy(db: DatabaseSync): NounCopy<MessageRecord> {
  const sql = {
    insert: db.prepare(`INSERT INTO messages ${row.insert}`),
    delete: db.prepare('UPDATE messages SET is_deleted = 1 WHERE group_id = ? AND seq = ?'),
    answer: db.prepare('UPDATE messages SET reply_to = ? WHERE group_id = ? AND seq = ?'),
    keep: db.prepare('INSERT INTO deleted_texts (message_id, group_id, at, content) VALUES (?, ?, ?, ?)'),
  }
  return {
    keptIn: ['messages', 'deleted_texts'],
    dump: pagesOf<MessageRecord>(db, {
      table: 'messages',
      key: [
        ['group_id', 'groupId'],
        ['seq', 'seq'],
      ],
      columns: {
        list: `${row.list}, ${kept('deleted_texts.content')}, ${kept('at')}`,
        of(values) {
          const [text, at] = values.slice(-2) as [string | null, number | null]
          const message = row.of(values)
          return { ...message, content: text ?? message.content, keptSince: at }
        },
      },
    }),
    fill(records) {
      for (const record of records) {
        const { id, groupId, seq, content, isDeleted, replyTo, keptSince } = record
        // Triggers count what is deleted, and answers as they come. The number of answers is copied, so a message becomes one only
        // when it is as it is.
        const text = isDeleted ? '' : content
        sql.insert.run(...row.values({ ...record, content: text, isDeleted: false, replyTo: null }))
        if (isDeleted) sql.delete.run(groupId, seq)
        if (replyTo !== null) sql.answer.run(replyTo, groupId, seq)
        if (keptSince !== null) sql.keep.run(id, groupId, keptSince, content)
      }
    },
  }
}
