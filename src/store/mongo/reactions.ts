import { type Filter, ObjectId, type WithId } from 'mongodb'
import { requireMay } from '../../domain/access.ts'
import type { Caller } from '../../domain/caller.ts'
import { notFound } from '../../domain/errors.ts'
import { limits } from '../../domain/limits.ts'
import type { Message } from '../../domain/message.ts'
import { noReactions, type Reactions, reactionsOf, requireRoomForKind } from '../../domain/reaction.ts'
import type { ReactionStore } from '../reactions.ts'
import type { Written } from '../written.ts'
import { isNumbered, type NumberedDoc, type ReactionDoc, toMessage } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { type Mark, markId, type Pending } from './log/pending.ts'
import type { Members } from './members.ts'

interface Reacting extends Pick<ReactionStore, 'listOwn'> {
  set(
    messageId: string,
    emoji: string,
    added: boolean,
    by: Caller,
    at: number,
    deadline: number,
  ): Promise<Written<Message>>
}

interface Deps {
  connection: Connection
  members: Members
  pending: Pending
  /** The message with all its reactions. */
  readMessage(id: string): Promise<Message | null>
}

/**
 * A reaction is a document of its own, marked until it is logged; one that was taken back stays as that, with the `rev` of the entry
 * that tells so. A message that ever had one says so itself, once: only of such messages reactions are read.
 */
export function createReactions({ connection, members, pending, readMessage }: Deps): Reacting {
  const { messages, reactions, causal } = connection
  const marked = pending.register<ReactionDoc>({
    collection: reactions,
    marked: { unlogged: { $exists: true } },
    markOf,
    keep: (changes) => ({ $max: { rev: Math.max(...changes.map(({ rev }) => rev)) } }),
  })

  /** The message, if the caller may react to it. */
  async function reactable(id: string, by: Caller): Promise<NumberedDoc> {
    const message = await messages.findOne({ _id: new ObjectId(id) })
    if (!message || !isNumbered(message)) throw notFound('message')
    await members.check(message.group_id, by.userId, (membership) => requireMay('react', membership, by))
    if (message.is_deleted) throw notFound('message')
    return message
  }

  /** One that nobody has written yet is as one that was taken back. */
  async function find(message: NumberedDoc, emoji: string, userId: string): Promise<WithId<ReactionDoc>> {
    const messageId = message._id.toHexString()
    const _id = `${messageId}:${emoji}:${userId}`
    const found = await reactions.findOne({ _id })
    if (found) return found
    return {
      _id,
      group_id: message.group_id,
      message_id: messageId,
      message_seq: message.seq,
      emoji,
      user_id: userId,
      is_there: false,
      ver: 0,
      at: new Date(0),
    }
  }

  async function requireRoom(messageId: string, emoji: string): Promise<void> {
    const of = { message_id: messageId, is_there: true }
    if (await reactions.findOne({ ...of, emoji }, { projection: { _id: 1 } })) return
    requireRoomForKind((await reactions.distinct('emoji', of)).length)
  }

  return {
    async set(messageId, emoji, added, by, at, deadline) {
      const message = await reactable(messageId, by)
      const { changes } = await marked.write(`${messageId}:${emoji}:${by.userId}`, deadline, {
        read: () => find(message, emoji, by.userId),
        async next(doc) {
          if (doc.is_there === added) return null
          if (added) await requireRoom(messageId, emoji)
          if (!message.has_reactions) await noteReactions(connection, message)
          const { _id, ver, ...rest } = doc
          const isNew = ver === 0
          const changed = { is_there: added, at: new Date(at), ver: ver + 1, unlogged: markId() }
          return {
            filter: { _id, ver } as Filter<ReactionDoc>,
            set: isNew ? { ...rest, ...changed } : changed,
            isNew,
          }
        },
      })
      const value = await readMessage(messageId)
      if (!value) throw notFound('message')
      return { value, changes }
    },

    async listOwn(userId, messageIds) {
      const mine = { message_id: { $in: [...messageIds] }, user_id: userId, is_there: true }
      const docs = await causal.read((options) => reactions.find(mine, options).toArray())
      const own = new Map<string, string[]>()
      for (const { message_id, emoji } of docs.sort(byRev)) {
        const emojis = own.get(message_id) ?? []
        own.set(message_id, [...emojis, emoji])
      }
      return own
    },
  }
}

/** Before the first reaction, so that nobody misses it; several do no harm. */
async function noteReactions({ messages }: Connection, { _id }: NumberedDoc): Promise<void> {
  await messages.updateOne({ _id }, { $set: { has_reactions: true } })
}

function markOf(doc: WithId<ReactionDoc>): Mark<ReactionDoc> | null {
  const { _id, unlogged } = doc
  if (unlogged === undefined) return null
  const key = `${doc.message_id}.${unlogged}`
  const data = { emoji: doc.emoji, user_id: doc.user_id, added: doc.is_there }
  const about = { message_id: doc.message_id, message_seq: doc.message_seq }
  return {
    key,
    groupId: doc.group_id,
    drafts: [{ _id: key, type: 'reactions', at: doc.at, ...about, data }],
    filter: { _id, unlogged } as Filter<ReactionDoc>,
    fields: ['unlogged'],
  }
}

/** In the order of coming; one that is just being logged came last. */
const byRev = (a: ReactionDoc, b: ReactionDoc): number => revOf(a) - revOf(b)
const revOf = ({ rev = Number.MAX_SAFE_INTEGER }: ReactionDoc): number => rev

/** What there is of the reactions to one message. */
interface Found {
  _id: { message: string; emoji: string }
  count: number
  first: number
  rev: number
  /** Who, and when. */
  users: { rev: number; user_id: string }[]
}

/** The messages, with the reactions of those that say that they have some. */
export async function toMessages(
  { reactions, causal }: Connection,
  docs: readonly NumberedDoc[],
): Promise<Message[]> {
  const ids = docs.filter((doc) => doc.has_reactions).map(({ _id }) => _id.toHexString())
  if (!ids.length) return docs.map((doc) => toMessage(doc))
  const found = await causal.read((options) => reactions.aggregate<Found>(grouping(ids), options).toArray())
  const byMessage = Map.groupBy(found, ({ _id }) => _id.message)
  return docs.map((doc) => toMessage(doc, toReactions(byMessage.get(doc._id.toHexString()) ?? [])))
}

/** Those taken back count for the last `rev` alone. */
const grouping = (ids: readonly string[]) => [
  { $match: { message_id: { $in: ids } } },
  { $addFields: { order: { $ifNull: ['$rev', Number.MAX_SAFE_INTEGER] } } },
  { $sort: { order: 1 } },
  {
    $group: {
      _id: { message: '$message_id', emoji: '$emoji' },
      count: { $sum: { $cond: ['$is_there', 1, 0] } },
      first: { $min: { $cond: ['$is_there', '$order', Number.MAX_SAFE_INTEGER] } },
      rev: { $max: '$rev' },
      users: { $push: { $cond: ['$is_there', { rev: '$order', user_id: '$user_id' }, null] } },
    },
  },
  { $addFields: { users: { $filter: { input: '$users', cond: { $ne: ['$$this', null] } } } } },
  { $addFields: { users: { $slice: ['$users', limits.reactionUsers] } } },
]

function toReactions(found: readonly Found[]): Reactions {
  if (!found.length) return noReactions
  const there = found.filter(({ count }) => count > 0).sort((a, b) => a.first - b.first)
  const all = there.flatMap(({ _id, users }) =>
    users.map(({ rev, user_id }) => ({ rev, emoji: _id.emoji, userId: user_id })),
  )
  const first = all.sort((a, b) => a.rev - b.rev).slice(0, limits.reactionUsers)
  const counts = there.map(({ _id, count }) => ({ emoji: _id.emoji, count }))
  return reactionsOf(Math.max(0, ...found.map(({ rev }) => rev ?? 0)), counts, first)
}
