import type { DatabaseSync } from 'node:sqlite'
import type { UserReaction } from '../erasures.ts'
import type { ExportStore } from '../exports.ts'
import { createTextFilling } from './deleted-texts.ts'
import { query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'
import { message } from './messages.ts'
import { createReactionFilling } from './reactions.ts'

const perPage = 100

interface StoreDeps {
  db: DatabaseSync
  database: Pick<Database<never>, 'read'>
}

export function createExportStore({ db, database: { read } }: StoreDeps): ExportStore {
  const sql = {
    messages: query(
      db,
      `SELECT ${message.list} FROM messages WHERE sender_id = ? AND (group_id, seq) > (?, ?)
       AND EXISTS (SELECT 1 FROM groups WHERE id = messages.group_id) ORDER BY group_id, seq LIMIT ${perPage}`,
      message.of,
    ),
    reactions: query(
      db,
      `SELECT message_id, emoji FROM reactions WHERE user_id = ? AND (message_id, emoji) > (?, ?)
       AND EXISTS (SELECT 1 FROM groups WHERE id = reactions.group_id)
       ORDER BY message_id, emoji LIMIT ${perPage}`,
      ([messageId, emoji]: [string, string]): UserReaction => ({ messageId, emoji }),
    ),
  }
  const fill = createReactionFilling(db)
  const fillTexts = createTextFilling(db)

  /** Pages, each after the last of the one before; the first is read at once, so that a store that is away says so. */
  function pages<T>(readAfter: (last: T | undefined) => T[]): AsyncIterable<readonly T[]> {
    const first = read(() => readAfter(undefined))
    return (async function* () {
      for (let page = first; page.length; page = read(() => readAfter(page.at(-1)))) yield page
    })()
  }

  return {
    messages: async (userId) =>
      pages((last) => fillTexts(fill(sql.messages.all(userId, last?.groupId ?? '', last?.seq ?? 0)))),
    reactions: async (userId) =>
      pages((last) => sql.reactions.all(userId, last?.messageId ?? '', last?.emoji ?? '')),
  }
}
