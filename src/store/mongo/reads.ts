import { ObjectId, type WithId } from 'mongodb'
import { requireMay } from '../../domain/access.ts'
import type { Caller } from '../../domain/caller.ts'
import type { Head } from '../../domain/change.ts'
import { type KnownMark, movesMark, type Reading, type ReadMark } from '../../domain/read.ts'
import type { Marked, ReadStore } from '../reads.ts'
import type { Written } from '../written.ts'
import type { GroupDoc, MemberDoc } from './documents.ts'
import type { CausalOptions } from './engine/causal.ts'
import type { Connection } from './engine/connect.ts'
import { groupFields, type Listed, listed, listedAmong, loggedList, toGroup } from './group-documents.ts'
import { type KeptHeads, majority } from './log/heads.ts'
import { readLastTimes } from './log/last-times.ts'
import { readHeads } from './log/many-heads.ts'
import { toMember } from './member-records.ts'
import type { Members } from './members.ts'
import { deletedPlace, readRecordId } from './read-documents.ts'
import { laterMark, type ReadMarks, raiseMark } from './read-marks.ts'

interface Deps {
  connection: Connection
  members: Members
  heads: KeptHeads
  marks: ReadMarks
}

/** The groups in one query that counts deleted messages. */
const countedAtOnce = 100
/** Marks of users who are members no more may lie between the others, so a list looks at so many pages at most. */
const mostPages = 10

/** A group as it was read, with what is known of the user in it. */
interface Found {
  readonly groupId: string
  readonly head: Head
  readonly reading: Reading
  /** How far the user has read, and when they said so. */
  readonly known: KnownMark
}

export function createReads({ connection, members, heads, marks }: Deps): ReadStore {
  const { groups, reads, messages, causal } = connection

  /** The groups as the user has read them, each with its deleted messages still counted. */
  async function find(userId: string, groupIds: readonly string[], options: CausalOptions): Promise<Found[]> {
    const docs = await groups
      .aggregate<ListedDoc>(
        [
          { $match: { _id: { $in: groupIds.map((id) => new ObjectId(id)) } } },
          {
            $project: {
              ...groupFields,
              listed: listed([userId]),
              logged: listed([userId], loggedList),
            },
          },
        ],
        { ...options, batchSize: groupIds.length + 1 },
      )
      .toArray()
    const ids = docs.map(({ _id }) => _id.toHexString())
    const records = { _id: { $in: ids.map((id) => readRecordId(id, userId)) } }
    const once = { ...options, batchSize: ids.length + 1 }
    const [headOf, memberDocs, readDocs, rosters] = await Promise.all([
      readHeads(connection, heads, ids, { ...majority, ...options }),
      connection.members.find(records, once).toArray(),
      reads.find(records, once).toArray(),
      connection.rosters.find({ _id: { $in: ids } }, { ...once, projection: { read_base: 1 } }).toArray(),
    ])
    const lastAt = await readLastTimes(connection, heads, headOf, options)
    const memberOf = new Map(memberDocs.map((doc) => [doc.group_id, doc]))
    const markOf = new Map(readDocs.map((doc) => [doc.group_id, doc.mark]))
    const baseOf = new Map(rosters.map(({ _id, read_base }) => [_id, read_base]))
    return docs.flatMap((doc) => {
      const groupId = doc._id.toHexString()
      const head = headOf.get(groupId)
      if (!head) return []
      const record = memberOf.get(groupId)
      const isListed = listedAmong([userId], doc.listed).has(userId)
      const isLogged = listedAmong([userId], doc.logged).has(userId)
      const joined = joinedAfter(isLogged, record, baseOf.get(groupId), head)
      const mark = laterMark(markOf.get(groupId), marks.unwritten(readRecordId(groupId, userId)))
      const seq = Math.min(Math.max(mark?.seq ?? 0, joined), head.seq)
      const readSeq = isListed ? seq : head.seq
      return {
        groupId,
        head,
        known: { seq: readSeq, at: mark?.at.getTime() ?? null },
        reading: {
          role: isListed ? toMember(toGroup(doc), userId, record).role : null,
          seq: head.seq,
          lastMessageAt: lastAt.get(groupId) ?? null,
          readSeq,
          unreadCount: head.seq - readSeq,
        },
      }
    })
  }

  /** How many messages of each of these groups are deleted beyond where the user has read. */
  async function deletedIn(found: readonly Found[], options: CausalOptions): Promise<Map<string, number>> {
    const asked = found.filter(({ head, reading }) => head.deleted > 0 && reading.unreadCount > 0)
    const chunks = Array.from({ length: Math.ceil(asked.length / countedAtOnce) }, (_, i) =>
      asked.slice(i * countedAtOnce, (i + 1) * countedAtOnce),
    )
    const counted = await Promise.all(
      chunks.map((some) => {
        const $or = some.map(({ groupId, reading: { readSeq, seq } }) => ({
          deleted_place: { $gt: deletedPlace(groupId, readSeq), $lte: deletedPlace(groupId, seq) },
        }))
        return messages
          .aggregate<{ _id: string; count: number }>(
            [{ $match: { $or, is_deleted: true } }, { $group: { _id: '$group_id', count: { $sum: 1 } } }],
            { ...options, batchSize: some.length + 1 },
          )
          .toArray()
      }),
    )
    return new Map(counted.flat().map(({ _id, count }) => [_id, count]))
  }

  async function mark(groupId: string, seq: number, by: Caller, at: number): Promise<Written<Marked>> {
    await members.check(groupId, by.userId, (membership) => requireMay('markRead', membership, by, at))
    const [found] = await causal.read((options) => find(by.userId, [groupId], options))
    // The membership that was checked may be a second old.
    if (!found?.reading.role) requireMay('markRead', await members.read(groupId, by.userId), by, at)
    const present = found?.known ?? { seq: 0, at: null }
    if (!movesMark(present, seq, found?.head.seq ?? 0))
      return { value: { seq: present.seq, isNews: false }, changes: [] }
    const { updateOne } = raiseMark({ groupId, userId: by.userId, mark: { seq, at: new Date(at) } })
    await reads.updateOne(updateOne.filter, updateOne.update, { upsert: true })
    return { value: { seq, isNews: true }, changes: [] }
  }

  /** Those of these users who are listed as members of the group. */
  async function membersAmong(groupId: string, userIds: readonly string[]): Promise<ReadonlySet<string>> {
    const pipeline = [{ $match: { _id: new ObjectId(groupId) } }, { $project: { listed: listed(userIds) } }]
    const [doc] = await causal.read((options) =>
      groups.aggregate<{ listed: Listed }>(pipeline, options).toArray(),
    )
    return listedAmong(userIds, doc?.listed ?? [])
  }

  async function list(groupId: string, limit: number): Promise<ReadMark[]> {
    await marks.written()
    const found: ReadMark[] = []
    for (let page = 0; page < mostPages && found.length < limit; page++) {
      const docs = await causal.read((options) =>
        reads
          .find({ group_id: groupId }, options)
          .sort({ 'mark.seq': -1, 'mark.at': 1, user_id: 1 })
          .skip(page * limit)
          .limit(limit)
          .toArray(),
      )
      const there = await membersAmong(
        groupId,
        docs.map(({ user_id }) => user_id),
      )
      for (const { user_id: userId, mark } of docs)
        if (there.has(userId)) found.push({ userId, seq: mark.seq, at: mark.at.getTime() })
      if (docs.length < limit) break
    }
    return found.slice(0, limit)
  }

  return {
    mark,
    list,
    ofUser: (userId, groupIds) =>
      causal.read(async (options) => {
        const found = await find(userId, groupIds, options)
        const deleted = await deletedIn(found, options)
        return new Map(
          found.map(({ groupId, reading }) => {
            const unreadCount = Math.max(0, reading.unreadCount - (deleted.get(groupId) ?? 0))
            return [groupId, { ...reading, unreadCount }]
          }),
        )
      }),
  }
}

type ListedDoc = WithId<GroupDoc> & { listed: Listed; logged: Listed }

/**
 * All up to here was there before the user came. A member whom the log has not told yet has just been added by hand. A member
 * without a record came with the group, or before the service began to record; and of a group that it is still taking on, all
 * is read.
 */
function joinedAfter(
  isLogged: boolean,
  record: MemberDoc | undefined,
  base: number | undefined,
  head: Head,
): number {
  if (!isLogged) return head.seq
  return readFloor(record, base, head.seq)
}

/** The same for a member whom the log has told. `seq` is the group's last. */
export const readFloor = (record: MemberDoc | undefined, base: number | undefined, seq: number): number =>
  record?.joined.seq ?? base ?? seq
