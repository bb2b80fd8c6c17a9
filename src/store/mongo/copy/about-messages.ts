import { type Filter, ObjectId, type WithId } from 'mongodb'
import { isId } from '../../../domain/text.ts'
import { distinct } from '../../../domain/user-list.ts'
import type { Records } from '../../copy/records.ts'
import type { NounCopy, Page } from '../../copy/side.ts'
import type { MessageDoc, PinsDoc } from '../documents.ts'
import { isWiped } from '../edits.ts'
import type { Connection } from '../engine/connect.ts'
import { docOf, letterOf } from '../letters.ts'
import { markId } from '../log/pending.ts'
import type { RevisionDoc } from '../own-documents.ts'
import { toDoc, toReport } from '../reports.ts'
import { shownRevisions } from '../revisions.ts'
import { insertAll, listsOf, ofLivingGroups, pageSize, pagesById } from './pages.ts'

type Fields = Partial<Record<keyof MessageDoc, 1>>

/** These messages, by their ids, as far as they are there. */
async function messagesOf(
  { messages }: Connection,
  ids: readonly string[],
  projection: Fields,
): Promise<Map<string, WithId<MessageDoc>>> {
  const _id = {
    $in: distinct(ids)
      .filter(isId)
      .map((id) => new ObjectId(id)),
  }
  const docs = await messages.find({ _id }, { projection }).toArray()
  return new Map(docs.map((doc) => [doc._id.toHexString(), doc]))
}

export const createReactionCopy = (connection: Connection): NounCopy<Records['reactions']> => ({
  keptIn: ['reactions'],

  dump: (after) =>
    pagesById(connection.reactions, after, { is_there: true }, async (docs) => {
      const living = await ofLivingGroups(connection, docs)
      const there = await messagesOf(
        connection,
        living.map(({ message_id }) => message_id),
        { _id: 1 },
      )
      return living
        .filter(({ message_id }) => there.has(message_id))
        .map((doc) => ({
          groupId: doc.group_id,
          messageId: doc.message_id,
          messageSeq: doc.message_seq,
          userId: doc.user_id,
          emoji: doc.emoji,
          rev: doc.rev ?? 0,
        }))
    }),

  fill: (records) =>
    insertAll(
      connection.reactions,
      records.map(({ groupId, messageId, messageSeq, userId, emoji, rev }) => ({
        _id: `${messageId}:${emoji}:${userId}`,
        group_id: groupId,
        message_id: messageId,
        message_seq: messageSeq,
        emoji,
        user_id: userId,
        is_there: true,
        last: markId(),
        // It is told in the log, which is copied; here it would be told once more.
        at: new Date(0),
        rev,
      })),
    ),
})

export function createPinCopy(connection: Connection): NounCopy<Records['pins']> {
  const { pins } = connection

  async function read(docs: WithId<PinsDoc>[]): Promise<Records['pins'][]> {
    const living = await ofLivingGroups(
      connection,
      docs.map((doc) => ({ group_id: doc._id, pinned: doc.pinned })),
    )
    const ids = living.flatMap(({ pinned }) => pinned.map(({ message_id }) => message_id))
    const there = await messagesOf(connection, ids, { is_deleted: 1, pin_rev: 1 })
    return living
      .map(({ group_id, pinned }) => ({
        groupId: group_id,
        pinned: pinned.flatMap(({ message_id, at }) => {
          const message = there.get(message_id)
          const isPinned = message && message.is_deleted !== true
          return isPinned ? { messageId: message_id, at: at.getTime(), rev: message.pin_rev ?? 0 } : []
        }),
      }))
      .filter(({ pinned }) => pinned.length)
  }

  return {
    keptIn: ['pins'],
    dump: (after) => pagesById(pins, after, { 'pinned.0': { $exists: true } }, read, 200),
    fill: (records) =>
      insertAll(
        pins,
        records.map(({ groupId, pinned }) => ({
          _id: groupId,
          ver: 1,
          pinned: pinned.map(({ messageId, at }) => ({ message_id: messageId, at: new Date(at) })),
        })),
      ),
  }
}

export const createReportCopy = (connection: Connection): NounCopy<Records['reports']> => ({
  keptIn: ['reports'],
  dump: (after) =>
    pagesById(connection.reports, after, {}, async (docs) =>
      (await ofLivingGroups(connection, docs)).map((doc) => ({
        ...toReport(doc),
        isTold: doc.is_untold !== true,
      })),
    ),
  fill: (records) =>
    insertAll(
      connection.reports,
      records.map(({ isTold, ...report }) => ({
        ...toDoc(report),
        ...(!isTold && { is_untold: true as const }),
      })),
    ),
})

/** What is told of a group's end outlives it. */
export const createLetterCopy = (connection: Connection): NounCopy<Records['letters']> => ({
  keptIn: ['letters'],
  dump: (after) =>
    pagesById(connection.letters, after, {}, async (docs) => {
      const living = new Set(await ofLivingGroups(connection, docs))
      return docs
        .filter((doc) => !doc.entry || living.has(doc))
        .map((doc) => {
          const { entry, ...rest } = letterOf(doc)
          return { ...rest, entry: entry && { log: entry.log, seq: entry.seq, rev: entry.rev } }
        })
    }),
  fill: (records) => insertAll(connection.letters, records.map(docOf)),
})

export function createRevisionCopy(connection: Connection): NounCopy<Records['revisions']> {
  const { revisions } = connection

  async function read(docs: readonly RevisionDoc[]): Promise<Records['revisions'][]> {
    const living = await ofLivingGroups(connection, docs)
    const there = await messagesOf(
      connection,
      living.map(({ message_id }) => message_id),
      { content: 1, ver: 1, is_deleted: 1, attachments: 1 },
    )
    return [...Map.groupBy(living, ({ message_id }) => message_id)].flatMap(([messageId, all]) => {
      const message = there.get(messageId)
      // What a wiped message said goes with its text.
      if (!message || (message.is_deleted && isWiped(message))) return []
      return shownRevisions(message, all).map(({ group_id, ver, content, at }) => ({
        groupId: group_id,
        messageId,
        ver,
        content,
        replacedAt: at.getTime(),
      }))
    })
  }

  /** The revisions of one message are never parted, because it depends on the later ones which of them are shown. */
  async function* dump(after: string | null): AsyncIterable<Page<Records['revisions']>> {
    const filter = (after === null ? {} : { message_id: { $gt: after } }) as Filter<RevisionDoc>
    let whole: WithId<RevisionDoc>[] = []
    for await (const docs of listsOf(revisions, filter, { message_id: 1, ver: 1 }, pageSize)) {
      const last = docs.at(-1)?.message_id
      const all = [...whole, ...docs]
      whole = all.filter(({ message_id }) => message_id === last)
      const ended = all.slice(0, all.length - whole.length)
      const end = ended.at(-1)
      if (end) yield { records: await read(ended), last: end.message_id }
    }
    const end = whole.at(-1)
    if (end) yield { records: await read(whole), last: end.message_id }
  }

  return {
    keptIn: ['revisions'],
    dump,
    fill: (records) =>
      insertAll(
        revisions,
        records.map(({ groupId, messageId, ver, content, replacedAt }) => ({
          _id: `${messageId}:${ver}`,
          message_id: messageId,
          group_id: groupId,
          ver,
          content,
          at: new Date(replacedAt),
          is_sure: true as const,
        })),
      ),
  }
}
