import type { DatabaseSync } from 'node:sqlite'
import type { Change } from '../../domain/change.ts'
import {
  addCounts,
  type Erasure,
  type ErasureCounts,
  type ErasureOrder,
  nothingErased,
  withAlias,
} from '../../domain/erasure.ts'
import type { ErasureStore, UserReaction } from '../erasures.ts'
import type { Written } from '../written.ts'
import type { LogChange } from './changes.ts'
import { firstNumber, firstText, json, list, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'
import type { HeadCache } from './head-cache.ts'
import type { Remove } from './removals.ts'

/** A step takes about so many milliseconds, for which a send may have to wait. */
const stepMs = 5
/** Entries of a log that are looked at together. */
const entriesPerLook = 500

/** Where the walk over all groups is: in this group, whose log is read up to `rev`; `null`: to its end. */
interface Place {
  readonly groupId: string
  readonly rev: number | null
}

interface WriteDeps {
  logChange: LogChange
  remove: Remove
}

export function createErasureWrites(
  db: DatabaseSync,
  { logChange, remove }: WriteDeps,
  clock = () => performance.now(),
) {
  /** What runs the statement with as many of the values as it has places for. */
  function prepared(text: string): (...values: string[]) => void {
    const statement = db.prepare(text)
    const places = Math.max(...Array.from(text.matchAll(/\?(\d)/g), ([, place]) => Number(place)))
    return (...values) => void statement.run(...values.slice(0, places))
  }

  const sql = {
    one: query(
      db,
      'SELECT alias, counts FROM erasures WHERE key = ? AND is_refused = 1',
      ([alias, counts]: [string, string]): Erasure => ({ alias, counts: JSON.parse(counts) }),
    ),
    put: db.prepare(
      `INSERT OR REPLACE INTO erasures (key, alias, counts, is_refused, user_id, by_user)
       VALUES (?, ?, ?, 1, ?, ?)`,
    ),
    /** In an assignment `user_id` is what it was before. */
    order: db.prepare(
      `UPDATE erasures SET alias = CASE WHEN user_id IS NULL THEN ? ELSE alias END, user_id = ?, by_user = ?
       WHERE key = ?`,
    ),
    end: db.prepare('UPDATE erasures SET user_id = NULL, by_user = NULL WHERE key = ?'),
    count: db.prepare('UPDATE erasures SET counts = ? WHERE key = ?'),
    admit: db.prepare(
      'UPDATE erasures SET is_refused = 0, user_id = NULL, by_user = NULL WHERE key = ? AND is_refused = 1',
    ),
    sent: query(
      db,
      `SELECT id, group_id, is_deleted FROM messages
       WHERE sender_id = ? AND EXISTS (SELECT 1 FROM groups WHERE id = messages.group_id)
       ORDER BY group_id, seq LIMIT ?`,
      ([id, groupId, isDeleted]: [string, string, 0 | 1]) => ({ id, groupId, isDeleted: isDeleted === 1 }),
    ),
    give: db.prepare('UPDATE messages SET sender_id = ?, client_id = NULL, send_hash = NULL WHERE id = ?'),
    dropReactions: db.prepare(
      `DELETE FROM reactions WHERE user_id = ?
       AND message_id IN (SELECT id FROM messages WHERE id = reactions.message_id AND is_deleted = 1)`,
    ),
    ofUser: [
      'DELETE FROM preferences WHERE user_id = ?1',
      'DELETE FROM blocks WHERE user_id = ?1',
      'DELETE FROM blocks WHERE blocked_id = ?1',
      "DELETE FROM avatars WHERE group_id = '' AND user_id = ?1",
      'DELETE FROM uploads WHERE user_id = ?1',
      'UPDATE messages SET deleted_by = ?2 WHERE deleted_by = ?1',
      "UPDATE reports SET reporter_id = ?2, reason = '' WHERE reporter_id = ?1",
      'UPDATE reports SET sender_id = ?2 WHERE sender_id = ?1',
      'UPDATE reports SET decided_by = ?2 WHERE decided_by = ?1',
    ].map(prepared),
    inGroup: [
      'DELETE FROM mutes WHERE group_id = ?3 AND user_id = ?1',
      'DELETE FROM invites WHERE group_id = ?3 AND created_by = ?1',
      "UPDATE bans SET reason = '' WHERE group_id = ?3 AND user_id = ?1",
      'UPDATE bans SET created_by = ?2 WHERE group_id = ?3 AND created_by = ?1',
    ].map(prepared),
    nextGroup: query(db, 'SELECT id FROM groups WHERE id > ? ORDER BY id LIMIT 1', firstText),
    start: query(db, 'SELECT coalesce(min(rev) - 1, 0) FROM changes WHERE group_id = ?', firstNumber),
    /** One that mentions all is counted for all, whomever it names; a deleted one is not counted, and may come back. */
    mentioning: query(
      db,
      `SELECT id, messages.mentions FROM mentions JOIN messages USING (group_id, seq)
       WHERE group_id = ?1 AND mentions.user_id IN (?2, '')
       AND EXISTS (SELECT 1 FROM json_each(messages.mentions) WHERE value = ?2)
       UNION SELECT id, mentions FROM messages WHERE group_id = ?1 AND is_deleted = 1 AND mentions IS NOT NULL
       AND EXISTS (SELECT 1 FROM json_each(messages.mentions) WHERE value = ?2)`,
      (row: [id: string, mentions: string]) => row,
    ),
    mention: db.prepare('UPDATE messages SET mentions = ? WHERE id = ?'),
    entries: query(
      db,
      'SELECT rev, data FROM changes WHERE group_id = ? AND rev > ? ORDER BY rev LIMIT ?',
      (row: [rev: number, data: string | null]) => row,
    ),
    entry: db.prepare('UPDATE changes SET data = ? WHERE group_id = ? AND rev = ?'),
  }

  /** Returns whether messages of others mentioned the user. */
  function unmention(groupId: string, userId: string): boolean {
    const found = sql.mentioning.all(groupId, userId)
    for (const [id, mentions] of found) {
      const others = (JSON.parse(mentions) as string[]).filter((each) => each !== userId)
      sql.mention.run(list.encode(others), id)
    }
    return found.length > 0
  }

  /** Looks at some entries of the group's log. */
  function rename({ groupId, rev }: Place, userId: string, alias: string) {
    const found = sql.entries.all(groupId, rev ?? 0, entriesPerLook)
    let isChanged = false
    for (const [number, data] of found) {
      const renamed = data === null ? null : withAlias(JSON.parse(data), userId, alias)
      if (!renamed) continue
      sql.entry.run(json.encode(renamed), groupId, number)
      isChanged = true
    }
    const last = found.length === entriesPerLook ? found.at(-1) : undefined
    return { rev: last?.[0] ?? null, isChanged }
  }

  return {
    'erasures.begin'(key: string, { userId, by, alias }: ErasureOrder): Erasure {
      if (sql.one.get(key)) sql.order.run(alias, userId, by, key)
      else sql.put.run(key, alias, JSON.stringify(nothingErased), userId, by)
      return sql.one.get(key) ?? { alias, counts: nothingErased }
    },

    'erasures.end'(key: string): ErasureCounts {
      sql.end.run(key)
      return sql.one.get(key)?.counts ?? nothingErased
    },

    'erasures.count'(key: string, more: Partial<ErasureCounts>): ErasureCounts {
      const counts = addCounts(sql.one.get(key)?.counts ?? nothingErased, more)
      sql.count.run(JSON.stringify(counts), key)
      return counts
    },

    'erasures.admit': (key: string): boolean => sql.admit.run(key).changes === 1,

    'erasures.messages'(userId: string, alias: string, limit: number, at: number): Written<number> {
      const found = sql.sent.all(userId, limit)
      const groupId = found[0]?.groupId
      if (groupId === undefined) return { value: 0, changes: [] }
      const some = found.filter((message) => message.groupId === groupId)
      const removed = some.filter((message) => remove(message, at)).map(({ id }) => id)
      for (const { id } of some) sql.give.run(alias, id)
      const data = { message_ids: removed }
      const changes = removed.length
        ? [logChange(groupId, { type: 'messages_erased', at, deletes: removed.length, data })]
        : []
      return { value: some.length, changes }
    },

    'erasures.dropReactions': (userId: string): number => Number(sql.dropReactions.run(userId).changes),

    'erasures.rest'(userId: string, alias: string, from: string | null, at: number): Written<string | null> {
      const end = clock() + stepMs
      const changes: Change[] = []
      /** What this write changed is told by it, too: after a crash the next one would find nothing to tell. */
      const tell = (groupId: string, isChanged: boolean) => {
        if (isChanged) changes.push(logChange(groupId, { type: 'group_updated', at }))
      }
      if (from === null) for (const run of sql.ofUser) run(userId, alias)
      let place: Place = from === null ? { groupId: '', rev: null } : JSON.parse(from)
      let isChanged = false
      do {
        if (place.rev === null) {
          const id = sql.nextGroup.get(place.groupId)
          if (id === null) return { value: null, changes }
          for (const run of sql.inGroup) run(userId, alias, id)
          place = { groupId: id, rev: sql.start.get(id) ?? 0 }
          isChanged = unmention(id, userId)
        }
        const renamed = rename(place, userId, alias)
        isChanged ||= renamed.isChanged
        place = { groupId: place.groupId, rev: renamed.rev }
        if (place.rev !== null) continue
        tell(place.groupId, isChanged)
        isChanged = false
      } while (clock() < end)
      tell(place.groupId, isChanged)
      return { value: JSON.stringify(place), changes }
    },
  }
}

interface StoreDeps {
  db: DatabaseSync
  database: Database<ReturnType<typeof createErasureWrites>>
  heads: HeadCache
}

export function createErasureStore({ db, database: { read, write }, heads }: StoreDeps): ErasureStore {
  const sql = {
    refused: query(db, 'SELECT key FROM erasures WHERE is_refused = 1', firstText),
    unfinished: query(
      db,
      'SELECT user_id, by_user, alias FROM erasures WHERE user_id IS NOT NULL LIMIT ?',
      ([userId, by, alias]: [string, string, string]): ErasureOrder => ({ userId, by, alias }),
    ),
    reactions: query(
      db,
      `SELECT message_id, emoji FROM reactions
       WHERE user_id = ? AND EXISTS (SELECT 1 FROM groups WHERE id = reactions.group_id) LIMIT ?`,
      ([messageId, emoji]: [string, string]): UserReaction => ({ messageId, emoji }),
    ),
  }
  async function logged<T>(writing: Promise<Written<T>>): Promise<Written<T>> {
    const written = await writing
    for (const change of written.changes) heads.raise(change.groupId, change)
    return written
  }
  return {
    begin: (key, order) => write('erasures.begin', key, order),
    count: (key, more) => write('erasures.count', key, more),
    end: (key) => write('erasures.end', key),
    unfinished: async (limit) => read(() => sql.unfinished.all(limit)),
    admit: (key) => write('erasures.admit', key),
    // Nobody else writes to the file: who is refused is read once.
    async refused(since) {
      const keys = since === null ? read(() => sql.refused.all()) : []
      return { keys: keys.map((key) => [key, true] as const), next: 'all' }
    },
    messages: (userId, alias, limit, at) => logged(write('erasures.messages', userId, alias, limit, at)),
    async reactions(userId, limit) {
      const dropped = await write('erasures.dropReactions', userId)
      return { found: read(() => sql.reactions.all(userId, limit)), dropped }
    },
    rest: (userId, alias, place, at) => logged(write('erasures.rest', userId, alias, place, at)),
  }
}
