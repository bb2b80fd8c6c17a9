import type { DatabaseSync } from 'node:sqlite'
import type { MemberRecord, Records } from '../../copy/records.ts'
import type { NounCopy } from '../../copy/side.ts'
import { columns } from '../engine/columns.ts'
import { copyOfTable, pagesOf } from './table.ts'

const member = columns<MemberRecord>({
  groupId: 'group_id',
  userId: 'user_id',
  role: 'role',
  joinedAt: 'joined_at',
  readSeq: 'read_seq',
  readAt: 'read_at',
})

/** As all readers see the row: members of before it was recorded joined with the group, and have read what was there. */
const asSeen = `group_id, user_id, role, coalesce(joined_at, group_created_at),
  max(read_seq, (SELECT read_base FROM groups WHERE id = group_id)), read_at`

/** The rows are made with their groups. */
export function createMemberCopy(db: DatabaseSync): NounCopy<MemberRecord> {
  const update = db.prepare(`UPDATE members SET ${member.set} WHERE group_id = ? AND user_id = ?`)
  return {
    keptIn: ['members'],
    dump: pagesOf<MemberRecord>(db, {
      table: 'members',
      columns: { list: asSeen, of: member.of },
      key: [
        ['group_id', 'groupId'],
        ['user_id', 'userId'],
      ],
    }),
    fill(records) {
      for (const record of records) update.run(...member.values(record), record.groupId, record.userId)
    },
  }
}

export const createMuteCopy = (db: DatabaseSync): NounCopy<Records['mutes']> =>
  copyOfTable(db, {
    table: 'mutes',
    columns: columns<Records['mutes']>({ groupId: 'group_id', userId: 'user_id', until: 'until' }),
    key: [
      ['group_id', 'groupId'],
      ['user_id', 'userId'],
    ],
  })
