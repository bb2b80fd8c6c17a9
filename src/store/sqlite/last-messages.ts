import type { DatabaseSync } from 'node:sqlite'
import type { Message } from '../../domain/message.ts'
import { query } from './engine/columns.ts'
import { message } from './messages.ts'
import { createReactionFilling } from './reactions.ts'

/** Reads the newest message of each group that is not deleted, by group. */
export function createLastMessages(db: DatabaseSync): (groupIds: readonly string[]) => Map<string, Message> {
  const last = query(
    db,
    `WITH wanted (of) AS (SELECT value FROM json_each(?))
     SELECT ${message.list} FROM wanted JOIN messages ON group_id = of AND seq = (
       SELECT max(seq) FROM messages INDEXED BY messages_shown WHERE group_id = of AND is_deleted = 0
     ) WHERE EXISTS (SELECT 1 FROM groups WHERE groups.id = of)`,
    message.of,
  )
  const fill = createReactionFilling(db)
  return (groupIds) =>
    new Map(fill(last.all(JSON.stringify(groupIds))).map((found) => [found.groupId, found]))
}
