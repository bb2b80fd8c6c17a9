import type { DatabaseSync } from 'node:sqlite'
import type { Message } from '../../domain/message.ts'
import { firstText, query } from './engine/columns.ts'

/**
 * The texts of deleted messages, as long as they are kept. They lie apart from the messages, so that whoever reads those does not
 * find them.
 */
export function createDeletedTexts(db: DatabaseSync) {
  const sql = {
    keep: db.prepare(
      `INSERT INTO deleted_texts (message_id, group_id, at, content)
       SELECT id, group_id, ?, content FROM messages WHERE id = ?`,
    ),
    take: query(db, 'DELETE FROM deleted_texts WHERE message_id = ? RETURNING content', firstText),
    old: query(db, 'SELECT message_id FROM deleted_texts WHERE at < ? ORDER BY at LIMIT ?', firstText),
    /** The row of a deleted message still has what it said beside its text. */
    wipe: db.prepare(
      'UPDATE messages SET mentions = NULL, mention_all = 0, metadata = NULL, attachments = NULL WHERE id = ?',
    ),
    wipeFiles: db.prepare('UPDATE files SET gone = 1 WHERE message_id = ?'),
    wipeRevisions: db.prepare('DELETE FROM revisions WHERE message_id = ?'),
  }

  function wipe(id: string): void {
    sql.take.get(id)
    sql.wipe.run(id)
    sql.wipeRevisions.run(id)
    sql.wipeFiles.run(id)
  }

  return {
    /** To be called before the text is taken out of the message. */
    keep: (id: string, at: number): void => void sql.keep.run(at, id),
    /** The text, which is not kept any more; null when it was not. */
    take: (id: string): string | null => sql.take.get(id),
    wipe,
    /** Wipes at most `limit` that were deleted before. Returns their number. */
    wipeOld(before: number, limit: number): number {
      const ids = sql.old.all(before, limit)
      for (const id of ids) wipe(id)
      return ids.length
    },
  }
}

/** Puts the kept texts back into deleted messages. */
export function createTextFilling(db: DatabaseSync): (messages: readonly Message[]) => Message[] {
  const kept = query(
    db,
    'SELECT message_id, content FROM deleted_texts WHERE message_id IN (SELECT value FROM json_each(?))',
    (row: [id: string, content: string]) => row,
  )
  return (messages) => {
    const deleted = messages.filter(({ isDeleted }) => isDeleted).map(({ id }) => id)
    const texts = new Map(kept.all(JSON.stringify(deleted)))
    return messages.map((message) => ({ ...message, content: texts.get(message.id) ?? message.content }))
  }
}
