import { type Filter, ObjectId } from 'mongodb'
import { requireMay } from '../../domain/access.ts'
import { createBoundedMap } from '../../domain/bounded-map.ts'
import type { Caller } from '../../domain/caller.ts'
import { ChatError } from '../../domain/errors.ts'
import type { Message, MessagePage, Send } from '../../domain/message.ts'
import type { Appended as AppendedMessage, MessageStore } from '../messages.ts'
import { settleReserved } from './attached-files.ts'
import {
  createdAt,
  isNumbered,
  keptMessage,
  type MessageDoc,
  type NumberedDoc,
  toMessage,
} from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { isRefusal } from './engine/failure.ts'
import { attachmentFields } from './file-documents.ts'
import { type Appended, createLogWriter } from './log/append.ts'
import { type KeptHeads, lastSeq } from './log/heads.ts'
import type { Turns } from './log/turns.ts'
import type { Members } from './members.ts'
import { mentionFields } from './mentions.ts'
import type { PreferencesOnMongo } from './preferences.ts'
import type { ReadMarks } from './read-marks.ts'
import { type Replies, replyFields, rootsOnly } from './replies.ts'
import { toMessages } from './whole-messages.ts'

type Messages = Pick<MessageStore, 'read' | 'readMany' | 'list' | 'listWithDeleted'> & {
  append(send: Send, by: Caller, deadline: number): Promise<AppendedMessage>
  /** To be called when a message of another instance was seen. */
  saw(message: Message): void
}

/**
 * A kept head is used while the stream of messages has proved within so many milliseconds that it missed nothing. What others
 * send is heard sooner, and if not, its slot refuses ours. But a message that somebody deletes by hand before we hear of it
 * leaves no slot.
 */
const trustMs = 5_000

/** What a guest sent is remembered until the streams have told it back. */
const rememberedGuests = 10_000

interface Deps {
  connection: Connection
  members: Members
  replies: Replies
  heads: KeptHeads
  marks: Pick<ReadMarks, 'sent' | 'saw'>
  turns: Turns
  /** When the stream of messages last proved that it missed nothing, by performance.now(). */
  provedAt: () => number
  preferences: Pick<PreferencesOnMongo, 'showBy'>
  maxBatch: number
}

export function createMessages(deps: Deps): Messages {
  const { connection, members, replies, heads, marks, turns, provedAt, preferences, maxBatch } = deps
  const { messages, causal } = connection
  const writer = createLogWriter<Send, NumberedDoc, { number: number }>({
    insert: (docs) => messages.insertMany(docs, { ordered: true }),
    find: (sends) => find(sends.map((send) => send.id)),
    id: (of) => ('id' in of ? of.id : of._id.toHexString()),
    isOf: (doc, send) => createdAt(doc) === send.createdAt,
    readHead: async (groupId, concern) => ({
      number: await lastSeq(connection, groupId, { readConcern: concern }),
    }),
    onWritten(groupId, docs) {
      const { seq, created_at: at = new Date(0) } = docs.reduce((last, doc) =>
        doc.seq > last.seq ? doc : last,
      )
      heads.raise(groupId, { seq, last: { seq, at } })
      marks.sent(docs.filter(({ _id }) => !guests.peek(_id.toHexString())))
    },
    next(head, send) {
      const seq = head.number + 1
      return { doc: fromSend(send, seq), head: { number: seq } }
    },
    keepsHeads: () => performance.now() - provedAt() <= trustMs,
    turns,
    maxBatch,
    unlessHung: connection.unlessHung,
  })
  /** Messages that guests sent here: a guest has no read mark, also where they become a member soon after. */
  const guests = createBoundedMap<true>(rememberedGuests)
  /** Sends that are under way. A second send with the same id waits for the first. */
  const onTheWay = new Map<string, Promise<Appended<NumberedDoc>>>()

  async function find(ids: readonly string[]): Promise<NumberedDoc[]> {
    const filter = { _id: { $in: ids.map((id) => new ObjectId(id)) } }
    const docs = await causal.read((options) => messages.find(filter, options).toArray())
    return docs.filter(isNumbered)
  }

  async function readPage(of: Filter<MessageDoc>, page: MessagePage): Promise<NumberedDoc[]> {
    const { seq, order, skip } = range(page)
    const docs = await causal.read((options) =>
      messages
        .find({ ...of, seq, ...rootsOnly(page) }, options)
        .sort({ seq: order })
        .skip(skip)
        .limit(page.limit)
        .toArray(),
    )
    return docs.filter(isNumbered)
  }

  const told = async (doc: NumberedDoc): Promise<Message> =>
    (await toMessages(connection, [doc]))[0] ?? toMessage(doc)

  function write(send: Send, deadline: number): Promise<Appended<NumberedDoc>> {
    const appended = writer.append(send.groupId, send, deadline).finally(() => onTheWay.delete(send.id))
    onTheWay.set(send.id, appended)
    return appended
  }

  /** The message's document, whose files are settled. Throws conflict, and as `write`. */
  async function writeOnce(send: Send, deadline: number): Promise<Appended<NumberedDoc>> {
    const files = send.attachments.map(({ id }) => id)
    const settle = async (doc: NumberedDoc | null) =>
      files.length ? settleReserved(connection, send.id, files, doc, new Date(send.createdAt)) : undefined
    const first = onTheWay.get(send.id)
    let found: NumberedDoc | null = null
    try {
      const { doc, repeat } = await (first ?? write(send, deadline))
      found = doc
      if (doc.group_id !== send.groupId || (doc.send_hash ?? null) !== send.sendHash)
        throw new ChatError('conflict', 'Another message was sent under this key.')
      await settle(doc)
      return { doc, repeat: repeat || first !== undefined }
    } catch (error) {
      if (isRefusal(error)) await settle(found)
      throw error
    }
  }

  return {
    async append(send, by, deadline) {
      let isDirect = false
      await members.check(send.groupId, by.userId, (membership) => {
        requireMay('write', membership, by, send.createdAt)
        isDirect = membership.group.kind === 'direct'
        if (!membership.member) guests.set(send.id, true)
      })
      const { doc, repeat } = await writeOnce(send, deadline)
      if (doc.count_mark) await connection.unlessHung(replies.count(doc))
      const value = repeat ? await told(doc) : toMessage(doc)
      const shownTo = isDirect ? await preferences.showBy(send.groupId, doc.seq) : []
      return { value, changes: [], repeat, shownTo }
    },

    saw(message) {
      const { groupId, seq, createdAt } = message
      writer.saw(groupId, seq)
      heads.saw(groupId, { seq, last: { seq, at: new Date(createdAt) } })
      if (!guests.peek(message.id)) marks.saw(message)
    },

    async read(id) {
      const [doc] = await find([id])
      return doc ? told(doc) : null
    },

    readMany: async (ids) => toMessages(connection, await find(ids)),

    list: async (groupId, page) =>
      toMessages(connection, await readPage({ group_id: groupId, is_deleted: { $ne: true } }, page)),

    async listWithDeleted(groupId, page) {
      const docs = await readPage({ group_id: groupId }, page)
      const found = await toMessages(connection, docs)
      return found.map((message, index) => {
        const { isDeleted, reactions, pinnedAt, pinRev } = message
        return isDeleted ? keptMessage(docs[index] as NumberedDoc, reactions, { pinnedAt, pinRev }) : message
      })
    },
  }
}

function range(page: MessagePage): { seq: { $gt: number; $lt?: number }; order: 1 | -1; skip: number } {
  if ('after' in page) return { seq: { $gt: page.after }, order: 1, skip: 0 }
  if ('before' in page) return { seq: { $gt: 0, $lt: page.before }, order: -1, skip: 0 }
  return { seq: { $gt: 0 }, order: -1, skip: page.offset }
}

const fromSend = (send: Send, seq: number): NumberedDoc => ({
  _id: new ObjectId(send.id),
  group_id: send.groupId,
  sender_id: send.senderId,
  content: send.content,
  created_at: new Date(send.createdAt),
  updated_at: new Date(send.createdAt),
  is_deleted: false,
  seq,
  slot: `${send.groupId}:${seq}`,
  ver: 1,
  ...(send.clientId !== null && { client_id: send.clientId }),
  ...(send.sendHash !== null && { send_hash: send.sendHash }),
  ...mentionFields({ ...send, seq }),
  ...replyFields(send, seq),
  ...attachmentFields(send),
  ...(Object.keys(send.metadata).length && { metadata: JSON.stringify(send.metadata) }),
})
