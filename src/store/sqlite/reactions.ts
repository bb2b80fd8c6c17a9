import type { DatabaseSync } from 'node:sqlite'
import { requireMay } from '../../domain/access.ts'
import type { Caller } from '../../domain/caller.ts'
import type { Change } from '../../domain/change.ts'
import { notFound } from '../../domain/errors.ts'
import { limits } from '../../domain/limits.ts'
import type { Message } from '../../domain/message.ts'
import {
  type ReactionCount,
  type ReactionOf,
  type Reactions,
  reactionsOf,
  requireRoomForKind,
} from '../../domain/reaction.ts'
import type { ReactionStore } from '../reactions.ts'
import type { LogChange } from './changes.ts'
import { type Codec, firstNumber, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'
import type { MemberReads } from './member-reads.ts'
import type { MessageChanged } from './message-changes.ts'

/** A message's row has only the `rev` of the last change of its reactions. Where there is one, the kinds are filled in. */
export const reactionsColumn: Codec<Reactions> = {
  encode: ({ rev }) => rev,
  decode: (column) => `{ rev: ${column}, kinds: [] }`,
}

/** Fills in the reactions of messages as they were read. */
export function createReactionFilling(db: DatabaseSync): (messages: readonly Message[]) => Message[] {
  const counts = query(
    db,
    `SELECT message_id, emoji, count FROM reaction_kinds AS kind
     WHERE message_id IN (SELECT value FROM json_each(?)) ORDER BY (
       SELECT min(rev) FROM reactions WHERE message_id = kind.message_id AND emoji = kind.emoji
     )`,
    ([messageId, emoji, count]: [string, string, number]) => ({ messageId, emoji, count }),
  )
  const first = query(
    db,
    `SELECT emoji, user_id FROM reactions WHERE message_id = ? ORDER BY rev LIMIT ${limits.reactionUsers}`,
    ([emoji, userId]: [string, string]): ReactionOf => ({ emoji, userId }),
  )

  function fill(message: Message, found: readonly ReactionCount[]): Message {
    const { rev } = message.reactions
    return { ...message, reactions: reactionsOf(rev, found, first.all(message.id)) }
  }

  return (messages) => {
    const reacted = messages.filter(showsReactions)
    if (!reacted.length) return messages as Message[]
    const ids = JSON.stringify(reacted.map(({ id }) => id))
    const found = Map.groupBy(counts.all(ids), ({ messageId }) => messageId)
    return messages.map((message) =>
      showsReactions(message) ? fill(message, found.get(message.id) ?? []) : message,
    )
  }
}

/** Of a deleted message nothing is shown. */
const showsReactions = ({ reactions, isDeleted }: Message): boolean => reactions.rev > 0 && !isDeleted

interface WriteDeps {
  memberReads: MemberReads
  logChange: LogChange
  findMessage(id: string): Message | null
}

/** The writes of reactions. Each throws its ChatError before it writes anything. */
export function createReactionWrites(db: DatabaseSync, { memberReads, logChange, findMessage }: WriteDeps) {
  const sql = {
    find: db.prepare('SELECT 1 FROM reactions WHERE message_id = ? AND emoji = ? AND user_id = ?'),
    hasKind: db.prepare('SELECT 1 FROM reaction_kinds WHERE message_id = ? AND emoji = ?'),
    kinds: query(db, 'SELECT count(*) FROM reaction_kinds WHERE message_id = ?', firstNumber),
    insert: db.prepare(
      'INSERT INTO reactions (message_id, emoji, user_id, group_id, rev) VALUES (?, ?, ?, ?, ?)',
    ),
    delete: db.prepare('DELETE FROM reactions WHERE message_id = ? AND emoji = ? AND user_id = ?'),
    reacted: db.prepare('UPDATE messages SET reactions_rev = ? WHERE id = ?'),
  }

  function change(id: string, emoji: string, by: Caller, at: number, added: boolean): Change | null {
    const message = findMessage(id)
    const membership = message && memberReads.membership(message.groupId, by.userId)
    if (!message || !membership) throw notFound('message')
    requireMay('write', membership, by, at)
    if (message.isDeleted) throw notFound('message')
    if ((sql.find.get(id, emoji, by.userId) !== undefined) === added) return null
    if (added && !sql.hasKind.get(id, emoji)) requireRoomForKind(sql.kinds.get(id) ?? 0)
    const logged = logChange(message.groupId, {
      type: 'reactions',
      at,
      messageId: id,
      messageSeq: message.seq,
      data: { emoji, user_id: by.userId, added },
    })
    if (added) sql.insert.run(id, emoji, by.userId, message.groupId, logged.rev)
    else sql.delete.run(id, emoji, by.userId)
    sql.reacted.run(logged.rev, id)
    return logged
  }

  return {
    /** Returns what was logged, if anything. The message is read when that is durable. */
    'reactions.add': (id: string, emoji: string, by: Caller, at: number) => change(id, emoji, by, at, true),
    /** Returns the same as reactions.add. */
    'reactions.remove': (id: string, emoji: string, by: Caller, at: number) =>
      change(id, emoji, by, at, false),
  }
}

interface StoreDeps {
  db: DatabaseSync
  database: Database<ReturnType<typeof createReactionWrites>>
  changed: MessageChanged
}

export function createReactionStore({ db, database: { read, write }, changed }: StoreDeps): ReactionStore {
  const own = query(
    db,
    `SELECT message_id, emoji FROM json_each(?2) JOIN reactions ON message_id = value AND user_id = ?1
     WHERE EXISTS (SELECT 1 FROM groups WHERE id = reactions.group_id) ORDER BY rev`,
    ([messageId, emoji]: [string, string]) => ({ messageId, emoji }),
  )
  function listOwn(userId: string, messageIds: readonly string[]): Map<string, string[]> {
    const found = read(() => own.all(userId, JSON.stringify(messageIds)))
    const grouped = Map.groupBy(found, ({ messageId }) => messageId)
    return new Map([...grouped].map(([id, all]) => [id, all.map(({ emoji }) => emoji)]))
  }

  const reacting =
    (name: 'reactions.add' | 'reactions.remove'): ReactionStore['add'] =>
    async (id, emoji, by, at) => {
      const written = await changed(id, write(name, id, emoji, by, at))
      return { ...written, own: listOwn(by.userId, [id]).get(id) ?? [] }
    }

  return {
    add: reacting('reactions.add'),
    remove: reacting('reactions.remove'),
    listOwn: async (userId, messageIds) => listOwn(userId, messageIds),
  }
}
