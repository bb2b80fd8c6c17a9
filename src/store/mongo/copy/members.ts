import { ObjectId, type WithId } from 'mongodb'
import { distinct } from '../../../domain/user-list.ts'
import type { MemberRecord, Records } from '../../copy/records.ts'
import type { NounCopy, Page } from '../../copy/side.ts'
import type { GroupDoc, MemberDoc } from '../documents.ts'
import { createdAt } from '../documents.ts'
import type { Connection } from '../engine/connect.ts'
import { membersOf, toGroup } from '../group-documents.ts'
import { recordId, toMember } from '../member-records.ts'
import { type ReadDoc, readRecordId } from '../read-documents.ts'
import { readFloor } from '../reads.ts'
import { groupLists, headsOf } from './groups.ts'
import { insertAll, ofLivingGroups, pagesById } from './pages.ts'

/** So many records make a page; those of one group are never parted. */
const recordsPerPage = 1_000

/** Entries of the log that comes after the copy are higher. */
const joinedRev = 0
const givenRev = 1

export function createMemberCopy(connection: Connection): NounCopy<MemberRecord> {
  const { members, reads, rosters } = connection

  async function read(docs: readonly WithId<GroupDoc>[]): Promise<MemberRecord[][]> {
    const ids = docs.map(({ _id }) => _id.toHexString())
    const of = { group_id: { $in: ids } }
    const [known, marked, bases, heads] = await Promise.all([
      members.find(of).toArray(),
      reads.find(of).toArray(),
      rosters.find({ _id: { $in: ids } }, { projection: { read_base: 1 } }).toArray(),
      headsOf(connection, ids),
    ])
    const recordOf = new Map(known.map((doc) => [doc._id, doc]))
    const markOf = new Map(marked.map((doc) => [doc._id, doc.mark]))
    const baseOf = new Map(bases.map(({ _id, read_base }) => [_id, read_base]))
    return docs.map((doc, i) => {
      const groupId = ids[i] ?? ''
      const group = toGroup(doc)
      const seq = heads.get(groupId)?.seq ?? 0
      return distinct(membersOf(doc)).map((userId) => {
        const record = recordOf.get(recordId(groupId, userId))
        const mark = markOf.get(readRecordId(groupId, userId))
        const { role, joinedAt } = toMember(group, userId, record)
        const floor = readFloor(record, baseOf.get(groupId), seq)
        const readSeq = Math.min(Math.max(mark?.seq ?? 0, floor), seq)
        return { groupId, userId, role, joinedAt, readSeq, readAt: mark?.at.getTime() ?? null }
      })
    })
  }

  async function* dump(after: string | null): AsyncIterable<Page<MemberRecord>> {
    for await (const docs of groupLists(connection, after)) {
      let records: MemberRecord[] = []
      const lists = await read(docs)
      for (const [i, list] of lists.entries()) {
        records.push(...list)
        if (records.length < recordsPerPage && i < lists.length - 1) continue
        yield { records, last: String(docs[i]?._id.toHexString()) }
        records = []
      }
    }
  }

  return {
    keptIn: ['members', 'reads'],
    dump,

    async fill(records) {
      const created = await createdAts(connection, records)
      await insertAll(
        members,
        records.flatMap((record) => docOf(record, created.get(record.groupId) ?? 0) ?? []),
      )
      await insertAll(reads, records.flatMap(markDocs))
    },
  }
}

/** A member who came with the group and has a mark, or has read nothing, needs no record. */
function docOf(record: MemberRecord, groupCreatedAt: number): MemberDoc | null {
  const { groupId, userId, role, joinedAt, readSeq, readAt } = record
  const seq = readAt === null ? readSeq : 0
  if (role !== 'admin' && joinedAt === groupCreatedAt && seq === 0) return null
  return {
    _id: recordId(groupId, userId),
    group_id: groupId,
    user_id: userId,
    joined: { rev: joinedRev, at: new Date(joinedAt), seq },
    ...(role === 'admin' && { given: { rev: givenRev, role } }),
  }
}

const markDocs = ({ groupId, userId, readSeq, readAt }: MemberRecord): ReadDoc[] =>
  readAt === null
    ? []
    : [
        {
          _id: readRecordId(groupId, userId),
          group_id: groupId,
          user_id: userId,
          mark: { seq: readSeq, at: new Date(readAt) },
        },
      ]

/** When each of the records' groups was made. */
async function createdAts(
  { groups }: Connection,
  records: readonly { groupId: string }[],
): Promise<Map<string, number>> {
  const ids = distinct(records.map(({ groupId }) => groupId))
  const docs = await groups
    .find({ _id: { $in: ids.map((id) => new ObjectId(id)) } }, { projection: { created_at: 1 } })
    .toArray()
  return new Map(docs.map((doc) => [doc._id.toHexString(), createdAt(doc)]))
}

/** A mute is in the record of the user, whether they are a member or not. */
export const createMuteCopy = (connection: Connection): NounCopy<Records['mutes']> => ({
  keptIn: ['members'],

  dump: (after) =>
    pagesById(connection.members, after, { 'muted.until': { $type: 'date' } }, async (docs) =>
      (await ofLivingGroups(connection, docs)).map(({ group_id, user_id, muted }) => ({
        groupId: group_id,
        userId: user_id,
        until: muted?.until?.getTime() ?? 0,
      })),
    ),

  async fill(records) {
    if (!records.length) return
    const created = await createdAts(connection, records)
    await connection.members.bulkWrite(
      records.map(({ groupId, userId, until }) => ({
        updateOne: {
          filter: { _id: recordId(groupId, userId) },
          update: {
            $set: { muted: { rev: joinedRev, until: new Date(until) } },
            $setOnInsert: {
              group_id: groupId,
              user_id: userId,
              joined: { rev: joinedRev, at: new Date(created.get(groupId) ?? 0) },
            },
          },
          upsert: true,
        },
      })),
      { ordered: false },
    )
  },
})
