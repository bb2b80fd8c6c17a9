import { type Filter, ObjectId, type UpdateFilter } from 'mongodb'
import type { Message, MessagePage } from '../../domain/message.ts'
import type { ReplyPage } from '../../domain/reply.ts'
import { isNumbered, type MessageDoc, type NumberedDoc } from './documents.ts'
import { createBatches } from './engine/batches.ts'
import type { Connection } from './engine/connect.ts'
import { type Mark, markId, type Pending } from './log/pending.ts'
import { inOrder } from './mentions.ts'
import { toMessages } from './whole-messages.ts'

/** A message keeps the marks that were counted last, so that one which comes again is not counted again. */
const mostMarks = 200
/** So many new answers to one message are counted by one command. */
const maxBatch = 50

export interface Replies {
  list(message: Pick<Message, 'id' | 'groupId'>, page: ReplyPage): Promise<Message[]>
  thread(root: Pick<Message, 'id' | 'groupId'>, page: ReplyPage): Promise<Message[]>
  /** Counts a new answer, which bears the mark of that. */
  count(doc: NumberedDoc): Promise<void>
  /** To be called when an answer was deleted, or is back: counts it as it is now. */
  recount(doc: MessageDoc): Promise<void>
}

interface Answer {
  readonly doc: NumberedDoc
  resolve(): void
  reject(error: unknown): void
}

/**
 * A message has the number of its answers in its own document, so that a page counts none. An answer and that number are two writes:
 * an answer is marked with what is to be counted, the number bears the marks that were counted, and then the mark goes. Whoever finds a mark
 * can count it, and it is counted once.
 */
export function createReplies(connection: Connection, pending: Pending): Replies {
  const { messages, causal } = connection
  pending.register<MessageDoc>({
    collection: messages,
    marked: { count_mark: { $exists: true } },
    markOf,
    onLogged: async (logged) => void (await Promise.all(logged.map(({ doc }) => settle(doc)))),
  })

  const batches = createBatches<Answer>({
    most: maxBatch,
    atOnce: 1,
    async run(parent, answers) {
      // The same answer may come several times, because it was sent again.
      const docs = [...new Map(answers.map(({ doc }) => [doc.seq, doc])).values()]
      const counted = await add(parent, docs.map(countKey), docs.length)
      if (counted)
        await messages.updateMany({ _id: { $in: docs.map(({ _id }) => _id) }, ...isSent }, countedAs(true))
      // Some of them were counted before, or there is no such message any more.
      else await Promise.all(docs.map(settle))
      for (const { resolve } of answers) resolve()
    },
    onFailed(answers, error) {
      for (const { reject } of answers) reject(error)
    },
  })

  /** Resolves to false when one of these marks was counted before. */
  async function add(parent: string, keys: readonly string[], by: number): Promise<boolean> {
    const update = {
      $inc: { reply_count: by },
      $push: { counted: { $each: [...keys], $slice: -mostMarks } },
    } as UpdateFilter<MessageDoc>
    const filter = { _id: new ObjectId(parent), counted: { $nin: [...keys] } } as Filter<MessageDoc>
    return (await messages.updateOne(filter, update)).matchedCount > 0
  }

  /** Counts what the answer is marked with, then what has become of it since, until it is counted as it is. */
  async function settle(answer: MessageDoc): Promise<void> {
    const { _id, reply_to } = answer
    if (reply_to === undefined) return
    for (let doc: MessageDoc | null = answer; doc; ) {
      const { count_mark, is_counted, is_deleted } = doc
      if (!count_mark && (is_counted === true) === !is_deleted) return
      let update: UpdateFilter<MessageDoc>
      let filter: Filter<MessageDoc>
      if (count_mark) {
        await add(reply_to, [countKey(doc)], count_mark.by)
        filter = { _id, 'count_mark.id': count_mark.id } as object
        update = countedAs(count_mark.by === 1)
      } else {
        filter = { _id, count_mark: null, is_counted: is_counted ?? null } as object
        update = { $set: { count_mark: { id: markId(), by: is_deleted ? -1 : 1 } } }
      }
      doc =
        (await messages.findOneAndUpdate(filter, update, { returnDocument: 'after' })) ??
        (await messages.findOne({ _id }))
    }
  }

  async function read(
    filter: Filter<MessageDoc>,
    sort: 'seq' | 'thread_slot',
    limit: number,
  ): Promise<Message[]> {
    const docs = await causal.read((options) =>
      messages
        .find({ ...filter, is_deleted: { $ne: true } }, options)
        .sort({ [sort]: 1 })
        .limit(limit)
        .toArray(),
    )
    return toMessages(connection, docs.filter(isNumbered))
  }

  return {
    list: ({ id, groupId }, { after, limit }) =>
      read({ group_id: groupId, reply_to: id, seq: { $gt: after } }, 'seq', limit),

    thread({ id }, { after, limit }) {
      const slots = { $gt: threadSlot(id, after), $lte: threadSlot(id, Number.MAX_SAFE_INTEGER) }
      return read({ thread_slot: slots }, 'thread_slot', limit)
    },

    count: (doc) =>
      new Promise((resolve, reject) => {
        if (doc.reply_to === undefined) resolve()
        else if (doc.count_mark?.id === sent.id) batches.add(doc.reply_to, { doc, resolve, reject })
        else settle(doc).then(resolve, reject)
      }),

    recount: settle,
  }
}

/** The mark of a new answer. */
const sent = { id: 'sent', by: 1 } as const
const isSent = { 'count_mark.id': sent.id } as object as Filter<MessageDoc>

const countedAs = (is_counted: boolean): UpdateFilter<MessageDoc> => ({
  $unset: { count_mark: '' },
  $set: { is_counted },
})

const countKey = ({ seq, count_mark }: MessageDoc): string => `${seq}.${count_mark?.id}`

function markOf(doc: MessageDoc): Mark<MessageDoc> | null {
  const { _id, group_id: groupId, count_mark } = doc
  if (!count_mark || !isNumbered(doc)) return null
  const filter = { _id, 'count_mark.id': count_mark.id } as object as Filter<MessageDoc>
  return { key: `${_id.toHexString()}.${count_mark.id}`, groupId, drafts: [], filter, fields: ['count_mark'] }
}

/** The fields of a new answer; none for a message that answers none. */
export const replyFields = ({ replyTo, threadId }: Pick<Message, 'replyTo' | 'threadId'>, seq: number) =>
  replyTo === null || threadId === null
    ? {}
    : { ...answerFields({ replyTo, threadId }, seq), count_mark: sent }

/** Of these, those that an answer keeps. */
export const answerFields = (
  { replyTo, threadId }: Pick<Message, 'replyTo' | 'threadId'>,
  seq: number,
): Pick<MessageDoc, 'reply_to' | 'thread_id' | 'thread_slot'> =>
  replyTo === null || threadId === null
    ? {}
    : { reply_to: replyTo, thread_id: threadId, thread_slot: threadSlot(threadId, seq) }

/** Leaves answers out, where the page does. A message of the older service has no such field, and answers none. */
export const rootsOnly = ({ roots }: MessagePage): Filter<MessageDoc> =>
  roots ? ({ reply_to: null } as object) : {}

/** Slots of one thread sort by the messages' numbers. */
const threadSlot = (threadId: string, seq: number): string => `${threadId}:${inOrder(seq)}`
