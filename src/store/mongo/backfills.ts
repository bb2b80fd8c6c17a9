import { ObjectId } from 'mongodb'
import { isUserId } from '../../domain/text.ts'
import { distinct } from '../../domain/user-list.ts'
import type { BackfillStep } from '../backfill.ts'
import { createdAt, isNumbered, updatedAt } from './documents.ts'
import { type Backfill, createBackfillSteps } from './engine/backfill.ts'
import type { Connection } from './engine/connect.ts'
import { indexSteps } from './engine/indexes.ts'
import { membersOf } from './group-documents.ts'
import { numberOldGroups } from './group-numbers.ts'
import { stampHeads } from './log/heads.ts'
import { createProfiles } from './profiles.ts'
import { createRosters } from './rosters.ts'

/**
 * What is still to be done to databases of earlier versions, beside the service. Never change one that was released: add another.
 * `patient` is for what may take long.
 */
export const backfillSteps = (connection: Connection, patient: Connection): BackfillStep[] => [
  ...createBackfillSteps(connection, backfills(connection)),
  ...indexSteps(patient),
]

export const backfills = (connection: Connection): Backfill[] => [
  stampOldHeads(connection),
  numberOldGroups(connection),
  stampKeptTexts(connection),
  keepReadBases(connection),
  keepLastMessages(connection),
  nameMembers(connection),
]

const headsPerPortion = 200
const messagesPerPortion = 1_000

/** Heads that were kept before there was a feed have no stamp, and would never be told. */
function stampOldHeads(connection: Connection): Backfill {
  return {
    name: 'stamp_heads',
    async portion(after) {
      const docs = await connection.heads
        .find(
          { _id: { $gt: after ?? '' } },
          { projection: { moved: 1 }, sort: { _id: 1 }, limit: headsPerPortion },
        )
        .toArray()
      const ids = docs.filter(({ moved }) => !moved).map(({ _id }) => _id)
      if (ids.length) await stampHeads(connection, ids)
      const last = docs.length === headsPerPortion ? docs.at(-1) : undefined
      return { next: last?._id ?? null, count: ids.length }
    },
  }
}

/** The older service kept the texts of deleted messages and did not say since when: since their last time that we know. */
function stampKeptTexts({ messages }: Connection): Backfill {
  return {
    name: 'stamp_kept_texts',
    async portion(after) {
      const docs = await messages
        .find(
          { _id: { $gt: new ObjectId(after ?? '0'.repeat(24)) } },
          {
            projection: { is_deleted: 1, kept_since: 1, created_at: 1, updated_at: 1 },
            sort: { _id: 1 },
            limit: messagesPerPortion,
          },
        )
        .toArray()
      const stamps = docs
        .filter(({ is_deleted, kept_since }) => is_deleted && !kept_since)
        .map((doc) => ({
          updateOne: {
            filter: { _id: doc._id, is_deleted: true, kept_since: null, content: { $gt: '' } } as object,
            update: { $set: { kept_since: new Date(updatedAt(doc)) } },
          },
        }))
      if (stamps.length) await messages.bulkWrite(stamps, { ordered: false })
      const last = docs.length === messagesPerPortion ? docs.at(-1) : undefined
      return { next: last?._id.toHexString() ?? null, count: stamps.length }
    },
  }
}

const rostersPerPortion = 50

/** What was there before it was kept who has read what counts as read: until this is done, of each such group all does. */
function keepReadBases(connection: Connection): Backfill {
  const rosters = createRosters(connection)
  return {
    name: 'read_bases',
    async portion(after) {
      const docs = await connection.rosters
        .find(
          { _id: { $gt: after ?? '' } },
          { projection: { read_base: 1 }, sort: { _id: 1 }, limit: rostersPerPortion },
        )
        .toArray()
      const ids = docs.filter(({ read_base }) => read_base === undefined).map(({ _id }) => _id)
      for (const id of ids) await rosters.endTakeOn(id)
      const last = docs.length === rostersPerPortion ? docs.at(-1) : undefined
      return { next: last?._id ?? null, count: ids.length }
    },
  }
}

/** Heads that were kept before do not say when the last message was sent, by which groups are sorted. */
function keepLastMessages({ heads, messages }: Connection): Backfill {
  return {
    name: 'last_messages',
    async portion(after) {
      const docs = await heads
        .find(
          { _id: { $gt: after ?? '' } },
          { projection: { seq: 1, last: 1 }, sort: { _id: 1 }, limit: headsPerPortion },
        )
        .toArray()
      const slots = docs.flatMap(({ _id, seq = 0, last }) =>
        seq > (last?.seq ?? 0) ? [`${_id}:${seq}`] : [],
      )
      const found = await messages
        .find({ slot: { $in: slots } }, { projection: { group_id: 1, seq: 1, created_at: 1 } })
        .toArray()
      const writes = found.filter(isNumbered).map((doc) => ({
        updateOne: {
          filter: { _id: doc.group_id },
          update: { $max: { last: { seq: doc.seq, at: new Date(createdAt(doc)) } } },
        },
      }))
      if (writes.length) await heads.bulkWrite(writes, { ordered: false })
      const last = docs.length === headsPerPortion ? docs.at(-1) : undefined
      return { next: last?._id ?? null, count: writes.length }
    },
  }
}

const groupsPerPortion = 20
const namedAtOnce = 500

/** Members who were there before there were profiles get their numbers. Those whom the older service lists later get theirs when they are shown. */
function nameMembers(connection: Connection): Backfill {
  const { name } = createProfiles(connection)
  return {
    name: 'name_members',
    async portion(after) {
      const filter = { _id: { $type: 'objectId', ...(after && { $gt: new ObjectId(after) }) } } as object
      const docs = await connection.groups
        .find(filter, {
          projection: { authorized_user_ids: 1, created_at: 1 },
          sort: { _id: 1 },
          limit: groupsPerPortion,
        })
        .toArray()
      let count = 0
      for (const doc of docs) {
        const userIds = distinct(membersOf(doc)).filter(isUserId)
        for (let i = 0; i < userIds.length; i += namedAtOnce)
          await name(userIds.slice(i, i + namedAtOnce), createdAt(doc))
        count += userIds.length
      }
      const last = docs.length === groupsPerPortion ? docs.at(-1) : undefined
      return { next: last?._id.toHexString() ?? null, count }
    },
  }
}
