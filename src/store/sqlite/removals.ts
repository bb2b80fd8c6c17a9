import type { DatabaseSync } from 'node:sqlite'
import type { Message } from '../../domain/message.ts'
import { createDeletedTexts } from './deleted-texts.ts'
import type { Totals } from './stats.ts'

/**
 * Wipes a message for good, with all that is about it, and deletes it if it is not deleted yet, which it tells. Nothing is logged: whoever
 * removes many says so in one entry. Only inside a transaction.
 */
export type Remove = (message: Pick<Message, 'id' | 'isDeleted'>, at: number) => boolean

export function createRemove(db: DatabaseSync, { totals }: { totals: Totals }): Remove {
  const texts = createDeletedTexts(db)
  const sql = {
    delete: db.prepare(
      `UPDATE messages SET content = '', is_deleted = 1, deleted_by = NULL, updated_at = ?, ver = ver + 1 WHERE id = ?`,
    ),
    dropReactions: db.prepare('DELETE FROM reactions WHERE message_id = ?'),
  }
  return ({ id, isDeleted }, at) => {
    if (!isDeleted) {
      sql.delete.run(at, id)
      totals.messageDeleted()
    }
    texts.wipe(id)
    sql.dropReactions.run(id)
    return !isDeleted
  }
}
