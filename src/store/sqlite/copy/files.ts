import type { DatabaseSync } from 'node:sqlite'
import type { Records } from '../../copy/records.ts'
import type { NounCopy } from '../../copy/side.ts'
import { columns, flag, query } from '../engine/columns.ts'
import { declaredFile } from '../file-rows.ts'
import { copyOfTable, pagesOf } from './table.ts'

const row = columns<Records['files']>({
  ...declaredFile,
  messageId: 'message_id',
  hidden: ['hidden', flag],
  gone: ['gone', flag],
})
/** A file of a group that is gone is gone as well. */
const asSeen = row.list.replace(
  /\bgone$/,
  'max(gone, NOT EXISTS (SELECT 1 FROM groups WHERE id = files.group_id))',
)

/** Triggers count them. */
export const createFileCopy = (db: DatabaseSync): NounCopy<Records['files']> => ({
  ...copyOfTable(db, { table: 'files', isLiving: 'true', columns: row, key: [['id', 'id']] }),
  dump: pagesOf<Records['files']>(db, {
    table: 'files',
    isLiving: 'true',
    columns: { list: asSeen, of: row.of },
    key: [['id', 'id']],
  }),
})

export function createUploadCopy(db: DatabaseSync): NounCopy<Records['uploads']> {
  const insert = db.prepare('INSERT INTO uploads (user_id, hour, bytes) VALUES (?, ?, ?)')
  const hours = query(
    db,
    'SELECT hour, bytes FROM uploads WHERE user_id = ? ORDER BY hour',
    ([hour, bytes]: [number, number]) => ({ hour, bytes }),
  )
  const users = pagesOf<{ userId: string }>(db, {
    table: '(SELECT DISTINCT user_id FROM uploads)',
    isLiving: 'true',
    columns: columns<{ userId: string }>({ userId: 'user_id' }),
    key: [['user_id', 'userId']],
  })
  return {
    keptIn: ['uploads'],
    *dump(after) {
      for (const { records, last } of users(after))
        yield { last, records: records.map(({ userId }) => ({ userId, hours: hours.all(userId) })) }
    },
    fill(records) {
      for (const { userId, hours: all } of records)
        for (const { hour, bytes } of all) insert.run(userId, hour, bytes)
    },
  }
}
