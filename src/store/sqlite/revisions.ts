import type { DatabaseSync } from 'node:sqlite'
import type { Message } from '../../domain/message.ts'
import { keptRevisions, type Replaced, revisionsOf } from '../../domain/revision.ts'
import type { RevisionStore } from '../revisions.ts'
import { query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'

/** Keeps what a message says before an edit replaces it. Only inside a transaction. It goes with the text of a deleted message: deleted-texts.ts. */
export type KeepRevision = (message: Message, at: number) => void

export function createKeepRevision(db: DatabaseSync): KeepRevision {
  const insert = db.prepare(
    'INSERT INTO revisions (message_id, ver, group_id, content, replaced_at) VALUES (?, ?, ?, ?, ?)',
  )
  const trim = db.prepare(
    `DELETE FROM revisions WHERE message_id = ?1 AND ver <= (
       SELECT ver FROM revisions WHERE message_id = ?1 ORDER BY ver DESC LIMIT 1 OFFSET ${keptRevisions}
     )`,
  )
  return ({ id, ver, groupId, content }, at) => {
    insert.run(id, ver, groupId, content, at)
    trim.run(id)
  }
}

interface StoreDeps {
  db: DatabaseSync
  database: Pick<Database<never>, 'read'>
  readMessage(id: string): Message | null
}

export function createRevisionStore({ db, database: { read }, readMessage }: StoreDeps): RevisionStore {
  const all = query(
    db,
    'SELECT content, replaced_at FROM revisions WHERE message_id = ? ORDER BY ver',
    ([content, replacedAt]: [string, number]): Replaced => ({ content, replacedAt }),
  )
  return {
    list: async (messageId) =>
      read(() => {
        const message = readMessage(messageId)
        return message && !message.isDeleted ? revisionsOf(all.all(messageId), message.createdAt) : []
      }),
  }
}
