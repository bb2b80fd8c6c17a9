import type { DatabaseSync } from 'node:sqlite'
import type { Records } from '../../copy/records.ts'
import type { NounCopy } from '../../copy/side.ts'
import { columns, query } from '../engine/columns.ts'
import { createPutLetter, letter, letterOf } from '../letters.ts'
import { copyOfTable, pagesOf } from './table.ts'

/** Triggers count the kinds. */
export function createReactionCopy(db: DatabaseSync): NounCopy<Records['reactions']> {
  const insert = db.prepare(
    'INSERT INTO reactions (group_id, message_id, user_id, emoji, rev) VALUES (?, ?, ?, ?, ?)',
  )
  return {
    keptIn: ['reactions'],
    dump: pagesOf<Records['reactions']>(db, {
      table: 'reactions',
      isLiving: 'messageSeq IS NOT NULL AND EXISTS (SELECT 1 FROM groups WHERE id = reactions.group_id)',
      key: [
        ['message_id', 'messageId'],
        ['user_id', 'userId'],
        ['emoji', 'emoji'],
      ],
      columns: columns<Records['reactions']>({
        groupId: 'group_id',
        messageId: 'message_id',
        messageSeq: '(SELECT seq FROM messages WHERE id = message_id) AS messageSeq',
        userId: 'user_id',
        emoji: 'emoji',
        rev: 'rev',
      }),
    }),
    fill(records) {
      for (const { groupId, messageId, userId, emoji, rev } of records)
        insert.run(groupId, messageId, userId, emoji, rev)
    },
  }
}

export function createPinCopy(db: DatabaseSync): NounCopy<Records['pins']> {
  const insert = db.prepare('INSERT INTO pins (group_id, rev, message_id) VALUES (?, ?, ?)')
  const pinned = db.prepare('UPDATE messages SET pinned_at = ? WHERE id = ?')
  const list = query(
    db,
    `SELECT message_id, pinned_at, rev FROM pins JOIN messages ON id = message_id
     WHERE pins.group_id = ? ORDER BY rev`,
    ([messageId, at, rev]: [string, number, number]) => ({ messageId, at, rev }),
  )
  const groups = pagesOf<{ groupId: string }>(db, {
    table: 'groups',
    isLiving: 'EXISTS (SELECT 1 FROM pins WHERE group_id = id)',
    key: [['id', 'groupId']],
    columns: columns<{ groupId: string }>({ groupId: 'id' }),
  })
  return {
    keptIn: ['pins'],
    *dump(after) {
      for (const { records, last } of groups(after))
        yield { last, records: records.map(({ groupId }) => ({ groupId, pinned: list.all(groupId) })) }
    },
    fill(records) {
      for (const { groupId, pinned: all } of records)
        for (const { messageId, at, rev } of all) {
          insert.run(groupId, rev, messageId)
          pinned.run(at, messageId)
        }
    },
  }
}

export const createRevisionCopy = (db: DatabaseSync): NounCopy<Records['revisions']> =>
  copyOfTable(db, {
    table: 'revisions',
    columns: columns<Records['revisions']>({
      groupId: 'group_id',
      messageId: 'message_id',
      ver: 'ver',
      content: 'content',
      replacedAt: 'replaced_at',
    }),
    key: [
      ['message_id', 'messageId'],
      ['ver', 'ver'],
    ],
  })

/** What is told of a group's end outlives it. */
export function createLetterCopy(db: DatabaseSync): NounCopy<Records['letters']> {
  const put = createPutLetter(db)
  return {
    keptIn: ['letters'],
    dump: pagesOf<Records['letters']>(db, {
      table: 'letters',
      isLiving: '(log IS NULL OR EXISTS (SELECT 1 FROM groups WHERE id = letters.group_id))',
      columns: { list: letter.list, of: letterOf },
      key: [['id', 'id']],
    }),
    fill: (records) => records.forEach(put),
  }
}
