import { type Filter, ObjectId, type WithId } from 'mongodb'
import { requireMay } from '../../domain/access.ts'
import type { Caller } from '../../domain/caller.ts'
import type { Change } from '../../domain/change.ts'
import { notFound } from '../../domain/errors.ts'
import type { Message } from '../../domain/message.ts'
import { requireRoomForKind } from '../../domain/reaction.ts'
import { distinct } from '../../domain/user-list.ts'
import type { Reacted, ReactionStore } from '../reactions.ts'
import { isNumbered, type NumberedDoc, type ReactionDoc } from './documents.ts'
import { createBatches } from './engine/batches.ts'
import type { Connection } from './engine/connect.ts'
import { unavailable } from './engine/failure.ts'
import { type Logged, type Mark, markId, type Pending } from './log/pending.ts'
import type { Members } from './members.ts'

interface Reacting extends Pick<ReactionStore, 'listOwn'> {
  set(
    messageId: string,
    emoji: string,
    added: boolean,
    by: Caller,
    at: number,
    deadline: number,
  ): Promise<Reacted>
}

interface Deps {
  connection: Connection
  members: Members
  pending: Pending
  /** The message with all its reactions. */
  readMessage(id: string): Promise<Message | null>
}

/** What one caller asks for. */
interface Request {
  readonly emoji: string
  readonly added: boolean
  readonly by: Caller
  readonly at: number
  readonly deadline: number
  resolve(reacted: Reacted): void
  reject(error: unknown): void
}

/** Most reactions that are written together. */
const maxBatch = 500

/**
 * A reaction is a document of its own, marked until it is logged; one that was taken back goes when that is logged. A message
 * that ever had a reaction says so in its own document, and reactions are read only of such messages. Reactions to one
 * message that come together are written together, in a few commands.
 */
export function createReactions({ connection, members, pending, readMessage }: Deps): Reacting {
  const { messages, reactions, causal } = connection
  const marked = pending.register<ReactionDoc>({
    collection: reactions,
    marked: { unlogged: { $exists: true } },
    markOf,
    isGone: ({ is_there }) => !is_there,
    keep: (changes) => ({ $max: { rev: lastRev(changes) } }),
    onLogged: (logged) => raiseRevs(connection, logged),
  })
  const batches = createBatches<Request>({ most: maxBatch, atOnce: 1, run, onFailed: refuse })

  async function run(messageId: string, requests: readonly Request[]): Promise<void> {
    const message = await messages.findOne({ _id: new ObjectId(messageId) })
    if (!message || !isNumbered(message)) throw notFound('message')
    const allowed = await thoseAllowed(message, requests)
    if (message.is_deleted) throw notFound('message')
    // Two requests for the same reaction of one user are done one after the other.
    for (let left: readonly Request[] = allowed; left.length; ) {
      const batch = new Map<string, Request>()
      const later: Request[] = []
      for (const request of left) {
        const id = recordId(messageId, request)
        if (batch.has(id)) later.push(request)
        else batch.set(id, request)
      }
      await write(message, batch)
      left = later
    }
  }

  /** The requests of callers who may react. The others are refused. */
  async function thoseAllowed(message: NumberedDoc, requests: readonly Request[]): Promise<Request[]> {
    const checked = requests.map(async (request) => {
      try {
        const { by, at } = request
        await members.check(message.group_id, by.userId, (membership) =>
          requireMay('write', membership, by, at),
        )
        return [request]
      } catch (error) {
        request.reject(error)
        return []
      }
    })
    return (await Promise.all(checked)).flat()
  }

  async function write(message: NumberedDoc, batch: ReadonlyMap<string, Request>): Promise<void> {
    const messageId = message._id.toHexString()
    const requests = [...batch.values()]
    const refused = new Map<string, unknown>()
    const kinds = new Set<string>()
    if (requests.some(({ added }) => added)) {
      const there = await reactions.distinct('emoji', { message_id: messageId, is_there: true })
      for (const emoji of there) kinds.add(emoji)
      if (!message.has_reactions) await noteReactions(connection, message)
    }

    /** Throws limit_reached, and unavailable, because a caller who was told so may have made another change since. */
    function changed(doc: WithId<ReactionDoc>, { emoji, added, at, deadline }: Request) {
      if (performance.now() > deadline) throw unavailable()
      if (added && !kinds.has(emoji)) requireRoomForKind(kinds.size)
      if (added) kinds.add(emoji)
      const mark = markId()
      const set = { is_there: added, at: new Date(at), last: mark, unlogged: mark }
      const { _id, last, ...rest } = doc
      const isNew = last === ''
      return { filter: { _id, last } as Filter<ReactionDoc>, set: isNew ? { ...rest, ...set } : set, isNew }
    }

    const deadline = Math.max(...requests.map((request) => request.deadline))
    const written = await marked.writeMany([...batch.keys()], deadline, {
      read: (ids) => find(message, ids, batch),
      next(doc) {
        const request = batch.get(doc._id)
        if (!request || doc.is_there === request.added) return null
        try {
          return changed(doc, request)
        } catch (error) {
          refused.set(doc._id, error)
          return null
        }
      },
    })

    const value = await readMessage(messageId)
    if (!value) throw notFound('message')
    const own = await ownOf(messageId, requests)
    for (const { doc, changes } of written) {
      const request = batch.get(doc._id)
      if (refused.has(doc._id)) request?.reject(refused.get(doc._id))
      else request?.resolve({ value, changes, own: own.get(doc.user_id) ?? [] })
    }
  }

  /** The reaction's document. A reaction that was never written is like one that was taken back. */
  async function find(
    message: NumberedDoc,
    ids: readonly string[],
    batch: ReadonlyMap<string, Request>,
  ): Promise<WithId<ReactionDoc>[]> {
    const found = await reactions.find({ _id: { $in: [...ids] } }).toArray()
    const there = new Map(found.map((doc) => [doc._id, doc]))
    return ids.flatMap((id) => {
      const request = batch.get(id)
      return there.get(id) ?? (request ? fresh(message, request) : [])
    })
  }

  /** The reactions of these callers to the message, by user. */
  async function ownOf(messageId: string, requests: readonly Request[]): Promise<Map<string, string[]>> {
    const users = distinct(requests.map(({ by }) => by.userId))
    const mine = { message_id: messageId, user_id: { $in: users }, is_there: true }
    const docs = await causal.read((options) => reactions.find(mine, options).toArray())
    return emojisBy(docs, ({ user_id }) => user_id)
  }

  return {
    set: (messageId, emoji, added, by, at, deadline) =>
      new Promise((resolve, reject) =>
        batches.add(messageId, { emoji, added, by, at, deadline, resolve, reject }),
      ),

    async listOwn(userId, messageIds) {
      const mine = { message_id: { $in: [...messageIds] }, user_id: userId, is_there: true }
      const docs = await causal.read((options) => reactions.find(mine, options).toArray())
      return emojisBy(docs, ({ message_id }) => message_id)
    },
  }
}

function refuse(requests: readonly Request[], error: unknown): void {
  for (const { reject } of requests) reject(error)
}

const recordId = (messageId: string, { emoji, by }: Request): string => `${messageId}:${emoji}:${by.userId}`

function fresh(message: NumberedDoc, request: Request): WithId<ReactionDoc> {
  const messageId = message._id.toHexString()
  return {
    _id: recordId(messageId, request),
    group_id: message.group_id,
    message_id: messageId,
    message_seq: message.seq,
    emoji: request.emoji,
    user_id: request.by.userId,
    is_there: false,
    last: '',
    at: new Date(0),
  }
}

/** The emojis of the documents, in the order in which they came. */
function emojisBy(docs: readonly ReactionDoc[], by: (doc: ReactionDoc) => string): Map<string, string[]> {
  const grouped = Map.groupBy(docs.toSorted(byRev), by)
  return new Map([...grouped].map(([key, of]) => [key, of.map(({ emoji }) => emoji)]))
}

const lastRev = (changes: readonly Change[]): number => Math.max(...changes.map(({ rev }) => rev))

/** A message knows the last change of its reactions, also when that took one away. */
async function raiseRevs({ messages }: Connection, logged: readonly Logged<ReactionDoc>[]): Promise<void> {
  const raises = [...Map.groupBy(logged, ({ doc }) => doc.message_id)].map(([messageId, of]) => {
    const reactions_rev = Math.max(...of.map(({ changes }) => lastRev(changes)))
    const filter = { _id: new ObjectId(messageId) }
    return { updateOne: { filter, update: { $max: { reactions_rev } } } }
  })
  await messages.bulkWrite(raises, { ordered: false })
}

/** To be called before the first reaction is written, so that no reader misses it. To do it again does no harm. */
async function noteReactions({ messages }: Connection, { _id }: NumberedDoc): Promise<void> {
  await messages.updateOne({ _id }, { $set: { has_reactions: true } })
}

function markOf(doc: WithId<ReactionDoc>): Mark<ReactionDoc> | null {
  const { unlogged } = doc
  if (unlogged === undefined) return null
  const key = `${doc.message_id}.${unlogged}`
  const data = { emoji: doc.emoji, user_id: doc.user_id, added: doc.is_there }
  const about = { message_id: doc.message_id, message_seq: doc.message_seq }
  return {
    key,
    groupId: doc.group_id,
    drafts: [{ _id: key, type: 'reactions', at: doc.at, ...about, data }],
    // No other document ever has the same mark.
    filter: { unlogged },
    fields: ['unlogged'],
  }
}

/** The order in which reactions came. One that has no entry yet comes last. */
const byRev = (a: ReactionDoc, b: ReactionDoc): number => revOf(a) - revOf(b)
const revOf = ({ rev = Number.MAX_SAFE_INTEGER }: ReactionDoc): number => rev
