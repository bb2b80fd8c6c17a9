import type { DatabaseSync } from 'node:sqlite'
import type { GroupRecord } from '../../copy/records.ts'
import type { NounCopy } from '../../copy/side.ts'
import { columns, query } from '../engine/columns.ts'
import { createMoves } from '../feed.ts'
import { groupRow } from '../group-columns.ts'
import { createMemberList, joining } from '../member-list.ts'
import { pagesOf } from './table.ts'

/** What a group's row says of its logs. */
type Ends = Pick<GroupRecord, 'seq' | 'rev' | 'deleted' | 'lastMessageAt' | 'clearedSeq' | 'heat'>
const ends = columns<Ends>({
  seq: 'seq',
  rev: 'rev',
  deleted: 'deleted',
  lastMessageAt: [
    'active_at',
    { encode: (at) => at ?? 0, decode: (column) => `${column} === 0 ? null : ${column}` },
  ],
  clearedSeq: 'cleared_seq',
  heat: 'heat',
})

const members = '(SELECT json_group_array(user_id ORDER BY position) FROM members WHERE group_id = groups.id)'
/** The lists of their members may be long. */
const groupsPerPage = 50

export function createGroupCopy(db: DatabaseSync): NounCopy<GroupRecord> {
  const ofRow = groupRow.list.split(', ').length
  const insert = db.prepare(`INSERT INTO groups ${groupRow.insert}`)
  // Until its members are there the group has no message, or each would have read all that there is.
  const end = query(db, `UPDATE groups SET ${ends.set}, moved = ? WHERE id = ?`, () => null)
  const moves = createMoves(db)
  const list = createMemberList(db)
  return {
    keptIn: ['groups', 'members'],
    dump: pagesOf<GroupRecord>(db, {
      table: 'groups',
      isLiving: 'true',
      key: [['id', 'id']],
      limit: groupsPerPage,
      columns: {
        list: `${groupRow.list}, ${ends.list}, ${members}`,
        of(row) {
          const { memberCount: _, ...group } = groupRow.of(row)
          return {
            ...group,
            ...ends.of(row.slice(ofRow)),
            authorizedUserIds: JSON.parse(String(row.at(-1))) as string[],
          }
        },
      },
    }),
    fill(records) {
      for (const record of records) {
        const { authorizedUserIds: userIds, ...group } = record
        insert.run(...groupRow.values({ ...group, memberCount: userIds.length }))
        list.set(joining(group, group.createdAt), userIds)
        // The order in which groups moved is that in which they come: nobody has followed it yet.
        end.all(...ends.values(record), record.seq + record.rev > 0 ? moves.next() : 0, record.id)
      }
    },
  }
}
