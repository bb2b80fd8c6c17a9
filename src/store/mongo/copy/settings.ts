import type { Records } from '../../copy/records.ts'
import type { NounCopy, Page } from '../../copy/side.ts'
import { toChange } from '../documents.ts'
import type { Connection } from '../engine/connect.ts'
import { renewEpoch } from '../engine/epoch.ts'
import { consumedId, firstCursor, recordOf } from '../feed.ts'
import { counter as groupCounter } from '../group-numbers.ts'
import { counter as profileCounter } from '../profiles.ts'
import { hourId } from '../stats.ts'
import { insertAll, ofLivingGroups, pagesById, pagesOfLog } from './pages.ts'

export function createSettingsCopy(connection: Connection): NounCopy<Records['settings']> {
  const { meta } = connection
  const numberOf = async (_id: string): Promise<number> => (await meta.findOne({ _id }))?.n ?? 0
  const setNumber = (_id: string, n: number) => meta.updateOne({ _id }, { $set: { n } }, { upsert: true })

  async function* dump(after: string | null): AsyncIterable<Page<Records['settings']>> {
    const epoch = (await meta.findOne({ _id: 'epoch' }))?.value
    if (after !== null || epoch === undefined) return
    const numbers = {
      groupNumber: await numberOf(groupCounter),
      profileNumber: await numberOf(profileCounter),
    }
    yield { records: [{ epoch, ...numbers }], last: '' }
  }

  return {
    keptIn: [],
    dump,
    async fill(records) {
      for (const { epoch, groupNumber, profileNumber } of records) {
        await renewEpoch(connection, epoch)
        if (groupNumber > 0) await setNumber(groupCounter, groupNumber)
        if (profileNumber > 0) await setNumber(profileCounter, profileNumber)
      }
    },
  }
}

/** An entry's id keeps it from being logged twice. What was logged before the copy never is, so any will do that no mark makes. */
export const createChangeCopy = (connection: Connection): NounCopy<Records['changes']> => ({
  keptIn: ['changes'],
  dump: (after) =>
    pagesOfLog(connection.changes, 'rev', after, async (docs) =>
      (await ofLivingGroups(connection, docs)).map(toChange),
    ),
  fill: (records) =>
    insertAll(
      connection.changes,
      records.map(({ groupId, rev, type, seq, deleted, at, messageId, messageSeq, ver, data }) => ({
        _id: `${groupId}:${rev}`,
        group_id: groupId,
        rev,
        slot: `${groupId}:${rev}`,
        type,
        seq,
        deleted,
        at: new Date(at),
        ...(messageId !== undefined && { message_id: messageId }),
        ...(messageSeq !== undefined && { message_seq: messageSeq }),
        ...(ver !== undefined && { ver }),
        data,
      })),
    ),
})

/** Consumers go on from the beginning of the feed, where each group is covered by its position. */
export const createConsumerCopy = ({ meta }: Connection): NounCopy<Records['consumers']> => ({
  keptIn: [],
  dump: (after) =>
    pagesById(
      meta,
      after,
      { _id: { ...(after === null ? { $gte: recordOf('') } : { $gt: after }), $lt: 'feed;' } },
      (docs) => docs.map(({ _id }) => ({ consumer: _id.slice(recordOf('').length) })),
    ),
  fill: (records) =>
    insertAll(
      meta,
      records.map(({ consumer }) => ({ _id: recordOf(consumer), value: firstCursor })),
    ),
})

export const createPositionCopy = (connection: Connection): NounCopy<Records['positions']> => ({
  keptIn: ['consumed'],
  dump: (after) =>
    pagesById(connection.consumed, after, {}, async (docs) =>
      (await ofLivingGroups(connection, docs)).map(({ consumer, group_id, seq, rev }) => ({
        consumer,
        groupId: group_id,
        seq,
        rev,
      })),
    ),
  fill: (records) =>
    insertAll(
      connection.consumed,
      records.map(({ consumer, groupId, seq, rev }) => ({
        _id: consumedId(consumer, groupId),
        consumer,
        group_id: groupId,
        seq,
        rev,
      })),
    ),
})

export function createTotalsCopy({ totals, heads, files }: Connection): NounCopy<Records['totals']> {
  const prefix = 'hour:'

  async function* dump(after: string | null): AsyncIterable<Page<Records['totals']>> {
    if (after !== null) return
    const docs = await totals
      .find({ _id: { $gte: prefix, $lt: 'hour;' } })
      .sort({ _id: 1 })
      .toArray()
    yield {
      records: docs.map(({ _id, groups = 0, messages = 0 }) => ({
        hour: Number(_id.slice(prefix.length)),
        groups,
        messages,
      })),
      last: '',
    }
  }

  return {
    keptIn: ['tally'],
    dump,
    async fill(records) {
      await insertAll(
        totals,
        records.map(({ hour, groups, messages }) => ({ _id: hourId(hour), groups, messages })),
      )
      const [all] = await heads
        .aggregate<{ deleted: number }>([{ $group: { _id: null, deleted: { $sum: '$changes.deleted' } } }])
        .toArray()
      const [of] = await files
        .aggregate<{ files: number; file_bytes: number }>([
          { $group: { _id: null, files: { $sum: 1 }, file_bytes: { $sum: '$size' } } },
          { $project: { _id: 0 } },
        ])
        .toArray()
      await insertAll(totals, [{ _id: 'total', deleted: all?.deleted ?? 0, ...of }])
    },
  }
}

const secretPrefix = 'secret:'

export const createSecretCopy = ({ meta }: Connection): NounCopy<Records['secrets']> => ({
  keptIn: [],
  dump: (after) =>
    pagesById(
      meta,
      after,
      { _id: { ...(after === null ? { $gte: secretPrefix } : { $gt: after }), $lt: 'secret;' } },
      (docs) => docs.map(({ _id, value = '' }) => ({ name: _id.slice(secretPrefix.length), value })),
    ),
  fill: (records) =>
    insertAll(
      meta,
      records.map(({ name, value }) => ({ _id: secretPrefix + name, value })),
    ),
})
