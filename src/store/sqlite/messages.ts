import type { DatabaseSync } from 'node:sqlite'
import { requireMay, requireMayDelete, requireMayEdit, requireMayRestore } from '../../domain/access.ts'
import { activityOf } from '../../domain/activity.ts'
import { deletion, restoration } from '../../domain/audit.ts'
import type { Caller } from '../../domain/caller.ts'
import type { Change } from '../../domain/change.ts'
import { changesBy } from '../../domain/edit.ts'
import { ChatError, notFound, wiped } from '../../domain/errors.ts'
import {
  type Message,
  type MessageEdit,
  type MessagePage,
  type Send,
  sentMessage,
  shown,
} from '../../domain/message.ts'
import type { ReplyPage } from '../../domain/reply.ts'
import type { MessageStore } from '../messages.ts'
import type { Audit } from './audit.ts'
import type { LogChange } from './changes.ts'
import { createDeletedTexts, createTextFilling } from './deleted-texts.ts'
import {
  type Columns,
  columns,
  type Declared,
  firstNumber,
  flag,
  json,
  list,
  query,
} from './engine/columns.ts'
import type { Database } from './engine/database.ts'
import type { Moves } from './feed.ts'
import { attachmentsColumn } from './file-rows.ts'
import type { Attach } from './file-writes.ts'
import type { HeadCache } from './head-cache.ts'
import type { MemberReads } from './member-reads.ts'
import type { MessageChanged } from './message-changes.ts'
import type { ShowChat } from './preferences.ts'
import { createReactionFilling, reactionsColumn } from './reactions.ts'
import type { MarkSent } from './reads.ts'
import type { KeepRevision } from './revisions.ts'
import type { Totals } from './stats.ts'

export const declaredMessage: Declared<Message> = {
  id: 'id',
  groupId: 'group_id',
  senderId: 'sender_id',
  content: 'content',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  isDeleted: ['is_deleted', flag],
  seq: 'seq',
  ver: 'ver',
  editedAt: 'edited_at',
  clientId: 'client_id',
  mentions: ['mentions', list],
  mentionAll: ['mention_all', flag],
  metadata: ['metadata', json],
  attachments: ['attachments', attachmentsColumn],
  replyTo: 'reply_to',
  threadId: 'thread_id',
  replyCount: 'reply_count',
  reactions: ['reactions_rev', reactionsColumn],
  pinnedAt: 'pinned_at',
  pinRev: 'pin_rev',
  deletedBy: 'deleted_by',
}
export const message: Columns<Message> = columns(declaredMessage)

/** A message with the fields that nobody is told. */
const sent = columns<Message & Pick<Send, 'sendHash'>>({ ...declaredMessage, sendHash: 'send_hash' })

export type MessageReads = ReturnType<typeof createMessageReads>

/** Messages of a deleted group are not there, even while they wait to be purged. */
export function createMessageReads(db: DatabaseSync) {
  const messages = (rest: string) =>
    query(db, `SELECT ${message.list} FROM messages ${rest}`, (row) => shown(message.of(row)))
  /** With all that is kept of deleted ones, but for their texts. */
  const kept = (rest: string) => query(db, `SELECT ${message.list} FROM messages ${rest}`, message.of)
  const living = 'EXISTS (SELECT 1 FROM groups WHERE id = messages.group_id)'
  const ofGroup = 'WHERE group_id = ?1 AND EXISTS (SELECT 1 FROM groups WHERE id = ?1)'
  // The index of shown messages is searched first, because a deep offset or a thousand deleted messages must not read rows.
  const pages = (index: string, range: string, order: string) =>
    messages(
      `WHERE group_id = ?1 AND seq IN (
         SELECT seq FROM messages INDEXED BY ${index} ${ofGroup} AND is_deleted = 0 ${range}
       ) ORDER BY ${order}`,
    )
  const ways = (index: string, kind = '') => ({
    newest: pages(index, `${kind} ORDER BY seq DESC LIMIT ?2 OFFSET ?3`, 'seq DESC'),
    before: pages(index, `${kind} AND seq < ?3 ORDER BY seq DESC LIMIT ?2`, 'seq DESC'),
    after: pages(index, `${kind} AND seq > ?3 ORDER BY seq LIMIT ?2`, 'seq'),
  })
  const keptWays = (kind: string) => ({
    newest: kept(`${ofGroup} ${kind} ORDER BY seq DESC LIMIT ?2 OFFSET ?3`),
    before: kept(`${ofGroup} ${kind} AND seq < ?3 ORDER BY seq DESC LIMIT ?2`),
    after: kept(`${ofGroup} ${kind} AND seq > ?3 ORDER BY seq LIMIT ?2`),
  })
  const answers = (column: string) =>
    messages(`WHERE ${column} = ?1 AND is_deleted = 0 AND seq > ?2 AND ${living} ORDER BY seq LIMIT ?3`)
  const sql = {
    one: messages(`WHERE id = ? AND ${living}`),
    some: messages(`WHERE id IN (SELECT value FROM json_each(?)) AND ${living}`),
    all: ways('messages_shown'),
    roots: ways('messages_roots', 'AND reply_to IS NULL'),
    withDeleted: keptWays(''),
    rootsWithDeleted: keptWays('AND reply_to IS NULL'),
    replies: answers('reply_to'),
    thread: answers('thread_id'),
  }
  const fill = createReactionFilling(db)
  const fillTexts = createTextFilling(db)

  function read({ newest, before, after }: typeof sql.all, groupId: string, page: MessagePage): Message[] {
    if ('before' in page) return before.all(groupId, page.limit, page.before)
    if ('after' in page) return after.all(groupId, page.limit, page.after)
    return newest.all(groupId, page.limit, page.offset)
  }

  return {
    one: (id: string): Message | null => fill(sql.one.all(id))[0] ?? null,
    some: (ids: readonly string[]): Message[] => fill(sql.some.all(JSON.stringify(ids))),
    page: (groupId: string, page: MessagePage): Message[] =>
      fill(read(page.roots ? sql.roots : sql.all, groupId, page)),
    pageWithDeleted: (groupId: string, page: MessagePage): Message[] =>
      fillTexts(fill(read(page.roots ? sql.rootsWithDeleted : sql.withDeleted, groupId, page))),
    replies: (id: string, { after, limit }: ReplyPage): Message[] => fill(sql.replies.all(id, after, limit)),
    thread: (id: string, { after, limit }: ReplyPage): Message[] => fill(sql.thread.all(id, after, limit)),
  }
}

/** The message as the writer finds it, also of a group that is gone; its reactions are not read. */
export function createMessageFind(db: DatabaseSync): (id: string) => Message | null {
  const find = query(db, `SELECT ${message.list} FROM messages WHERE id = ?`, message.of)
  return (id) => find.get(id)
}

interface WriteDeps {
  attach: Attach
  keepRevision: KeepRevision
  showChat: ShowChat
  memberReads: MemberReads
  logChange: LogChange
  audit: Audit
  markSent: MarkSent
  moves: Moves
  totals: Totals
}

/** The writes of messages. Each throws its ChatError before it writes anything. */
export function createMessageWrites(
  db: DatabaseSync,
  { attach, keepRevision, showChat, memberReads, logChange, audit, markSent, moves, totals }: WriteDeps,
) {
  const sql = {
    find: query(db, `SELECT ${sent.list} FROM messages WHERE id = ?`, sent.of),
    nextSeq: query(
      db,
      'UPDATE groups SET seq = seq + 1, moved = ?, heat = heat + ?, active_at = ? WHERE id = ? RETURNING seq',
      firstNumber,
    ),
    insert: db.prepare(`INSERT INTO messages ${sent.insert}`),
    edit: db.prepare(
      `UPDATE messages SET content = ?, mentions = ?, metadata = ?, updated_at = ?5, edited_at = ?5, ver = ver + 1 WHERE id = ?4`,
    ),
    delete: db.prepare(
      "UPDATE messages SET content = '', is_deleted = 1, deleted_by = ?, updated_at = ?, ver = ver + 1 WHERE id = ?",
    ),
    restore: db.prepare(
      'UPDATE messages SET content = ?, is_deleted = 0, deleted_by = NULL, updated_at = ?, ver = ver + 1 WHERE id = ?',
    ),
  }

  const texts = createDeletedTexts(db)

  /** The message, if `by` passes this. */
  const findFor = (requireMayChange: typeof requireMayEdit, id: string, by: Caller, at: number): Message => {
    const found = sql.find.get(id)
    const membership = found && memberReads.membership(found.groupId, by.userId)
    if (!found || !membership) throw notFound('message')
    requireMayChange(membership, found, by, at)
    return found
  }

  const about = ({ id, seq, ver }: Message, at: number) => ({
    at,
    messageId: id,
    messageSeq: seq,
    ver: ver + 1,
  })

  return {
    /** Returns the number that the message got, or else the message that was sent under this id before. */
    'messages.append'(send: Send, by: Caller): { seq: number; shownTo: readonly string[] } | Message {
      const { id, groupId, createdAt, sendHash } = send
      const membership = memberReads.membership(groupId, by.userId)
      requireMay('write', membership, by, createdAt)
      const there = sql.find.get(id)
      if (there) {
        const { sendHash: hash, ...first } = there
        if (hash === sendHash && first.groupId === groupId) return first
        throw new ChatError('conflict', 'Another message was sent under this id.')
      }
      attach(send)
      const seq = sql.nextSeq.get(moves.next(), activityOf(createdAt), createdAt, groupId)
      if (seq === null) throw notFound('group')
      sql.insert.run(...sent.values({ ...sentMessage(send, seq), sendHash }))
      markSent(groupId, send.senderId, seq, createdAt)
      totals.messageSent(createdAt)
      return { seq, shownTo: membership.group.kind === 'direct' ? showChat(groupId) : [] }
    },

    /** Returns what was logged, if anything. The message is read when that is durable. */
    'messages.edit'(id: string, edit: MessageEdit, by: Caller, at: number, keeps: boolean): Change | null {
      const found = findFor(requireMayEdit, id, by, at)
      if (found.isDeleted) throw notFound('message')
      const changes = changesBy(edit, found)
      if (!changes) return null
      if (keeps && changes.content !== undefined) keepRevision(found, at)
      const { content, mentions, metadata } = { ...found, ...changes }
      sql.edit.run(content, list.encode(mentions), json.encode(metadata), id, at)
      return logChange(found.groupId, { type: 'message_updated', ...about(found, at) })
    },

    /** Returns the same as messages.edit. */
    'messages.delete'(id: string, by: Caller, at: number, keepsText: boolean): Change | null {
      const found = findFor(requireMayDelete, id, by, at)
      if (found.isDeleted) return null
      if (keepsText) texts.keep(id, at)
      else texts.wipe(id)
      sql.delete.run(by.userId, at, id)
      totals.messageDeleted()
      audit(deletion(found, by, at))
      return logChange(found.groupId, {
        type: 'message_deleted',
        deletes: 1,
        ...about(found, at),
        data: { by: by.userId },
      })
    },

    /** Returns the same as messages.edit. */
    'messages.restore'(id: string, by: Caller, at: number): Change | null {
      const found = findFor(requireMayRestore, id, by, at)
      if (!found.isDeleted) return null
      const text = texts.take(id)
      if (text === null) throw wiped()
      sql.restore.run(text, at, id)
      totals.messageRestored()
      audit(restoration(found, by, at))
      return logChange(found.groupId, { type: 'message_updated', deletes: -1, ...about(found, at) })
    },

    'messages.wipe': texts.wipeOld,
  }
}

interface StoreDeps {
  database: Database<ReturnType<typeof createMessageWrites>>
  reads: MessageReads
  readLast(groupIds: readonly string[]): Map<string, Message>
  heads: HeadCache
  changed: MessageChanged
}

export function createMessageStore(deps: StoreDeps): MessageStore {
  const { database, reads, readLast, heads, changed } = deps
  const { read, write } = database

  return {
    async append(send, by) {
      const written = await write('messages.append', send, by)
      if ('id' in written) {
        // The writer did not read the message's reactions.
        const value = read(() => reads.one(written.id)) ?? written
        return { value, changes: [], repeat: true, shownTo: [] }
      }
      const { seq, shownTo } = written
      heads.raise(send.groupId, { seq })
      return { value: sentMessage(send, seq), changes: [], repeat: false, shownTo }
    },
    edit: (id, edit, by, at, keeps = true) => changed(id, write('messages.edit', id, edit, by, at, keeps)),
    delete: (id, by, at, keepsText = true) => changed(id, write('messages.delete', id, by, at, keepsText)),
    restore: (id, by, at) => changed(id, write('messages.restore', id, by, at)),
    wipe: (before, limit) => write('messages.wipe', before, limit),
    read: async (id) => read(() => reads.one(id)),
    readMany: async (ids) => read(() => reads.some(ids)),
    listLast: async (groupIds) => read(() => readLast(groupIds)),
    list: async (groupId, page) => read(() => reads.page(groupId, page)),
    listReplies: async ({ id }, page) => read(() => reads.replies(id, page)),
    listThread: async ({ id }, page) => read(() => reads.thread(id, page)),
    listWithDeleted: async (groupId, page) => read(() => reads.pageWithDeleted(groupId, page)),
  }
}
