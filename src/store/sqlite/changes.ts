import type { DatabaseSync } from 'node:sqlite'
import type { Change, ChangeData, Head } from '../../domain/change.ts'
import type { ChangeType } from '../../domain/changes.ts'
import { notFound } from '../../domain/errors.ts'
import { columns, json, optional, query } from './engine/columns.ts'
import type { Moves } from './feed.ts'

/** A field that a change does not have is absent, not null. */
export const change = columns<Change>({
  groupId: 'group_id',
  rev: 'rev',
  type: 'type',
  seq: 'seq',
  deleted: 'deleted',
  at: 'at',
  messageId: ['message_id', optional()],
  messageSeq: ['message_seq', optional()],
  ver: ['ver', optional()],
  data: ['data', json],
})

/** The head, as a group's row has it. */
export const head = columns<Head>({ seq: 'seq', rev: 'rev', deleted: 'deleted' })

/** A change as far as the writer knows it; the log adds the numbers. */
interface Entry extends Pick<Change, 'at' | 'messageId' | 'messageSeq' | 'ver'> {
  readonly type: ChangeType
  readonly data?: ChangeData
  /** How many messages the change deletes; -1 where it restores one. */
  readonly deletes?: number
}

const noData: ChangeData = {}

/** Appends to the group's log of changes. Only inside a transaction. Throws not_found. */
export type LogChange = (groupId: string, entry: Entry) => Change

export function createLogChange(db: DatabaseSync, moves: Moves): LogChange {
  const next = query(
    db,
    `UPDATE groups SET rev = rev + 1, moved = ?, deleted = deleted + ? WHERE id = ? RETURNING ${head.list}`,
    head.of,
  )
  const insert = db.prepare(`INSERT INTO changes ${change.insert}`)
  return (groupId, { deletes = 0, data = noData, ...entry }) => {
    const now = next.get(moves.next(), deletes, groupId)
    if (now === null) throw notFound('group')
    const logged: Change = { groupId, ...entry, ...now, data }
    insert.run(...change.values(logged))
    return logged
  }
}
