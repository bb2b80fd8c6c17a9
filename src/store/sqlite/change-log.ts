import type { DatabaseSync } from 'node:sqlite'
import type { Change } from '../../domain/change.ts'
import { notFound } from '../../domain/errors.ts'
import { headOf, query } from './rows.ts'

/** A change as far as the writer knows it; the log adds the numbers. */
type Entry = Pick<Change, 'type' | 'at' | 'messageId' | 'messageSeq' | 'ver' | 'userId'>

export type ChangeLog = ReturnType<typeof createChangeLog>

/** Appends to the groups' logs of changes. Only inside a transaction. */
export function createChangeLog(db: DatabaseSync) {
  const next = query(
    db,
    'UPDATE groups SET rev = rev + 1, deleted = deleted + ? WHERE id = ? RETURNING seq, rev, deleted',
    headOf,
  )
  const insert = db.prepare(
    `INSERT INTO changes (group_id, rev, type, seq, deleted, at, message_id, message_seq, ver, user_id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )

  return (groupId: string, entry: Entry): Change => {
    const head = next.get(entry.type === 'message_deleted' ? 1 : 0, groupId)
    if (head === null) throw notFound('group')
    const change: Change = { groupId, ...entry, ...head }
    insert.run(
      groupId,
      ...[change.rev, change.type, change.seq, change.deleted, change.at],
      ...[change.messageId ?? null, change.messageSeq ?? null, change.ver ?? null, change.userId ?? null],
    )
    return change
  }
}
