import { ObjectId, type WithId } from 'mongodb'
import { distinct } from '../../../domain/user-list.ts'
import type { GroupRecord } from '../../copy/records.ts'
import type { NounCopy, Page } from '../../copy/side.ts'
import type { GroupDoc, HeadDoc } from '../documents.ts'
import type { Connection } from '../engine/connect.ts'
import { fromGroup, toGroupWithMembers } from '../group-documents.ts'
import { majority, raiseOf } from '../log/heads.ts'
import { readLastTimes } from '../log/last-times.ts'
import { readHeads } from '../log/many-heads.ts'
import { createRosters } from '../rosters.ts'
import { insertAll, listsOf } from './pages.ts'

/** The lists of their members may be long. */
const groupsPerPage = 50

/** No head is on its way to the database. */
const allKept = {
  lastOf: () => undefined,
  saw: () => undefined,
  raise: () => undefined,
  stop: async () => undefined,
}

const activityOf = (groupId: string): string => `group:${groupId}`

/** Documents of groups, some at a time, in the order of their ids. */
export const groupLists = ({ groups }: Connection, after: string | null): AsyncIterable<WithId<GroupDoc>[]> =>
  listsOf(
    groups,
    { _id: { $type: 'objectId', ...(after !== null && { $gt: new ObjectId(after) }) } },
    { _id: 1 },
    groupsPerPage,
  )

export const headsOf = (connection: Connection, ids: readonly string[]) =>
  readHeads(connection, allKept, ids, majority)

export function createGroupCopy(connection: Connection): NounCopy<GroupRecord> {
  const { groups, heads, totals } = connection
  const rosters = createRosters(connection)

  async function read(docs: readonly WithId<GroupDoc>[]): Promise<GroupRecord[]> {
    const ids = docs.map(({ _id }) => _id.toHexString())
    const found = await headsOf(connection, ids)
    const times = await readLastTimes(connection, allKept, found, {})
    const kept = await heads.find({ _id: { $in: ids } }, { projection: { cleared: 1 } }).toArray()
    const cleared = new Map(kept.map((head) => [head._id, head.cleared ?? 0]))
    const active = await totals.find({ _id: { $in: ids.map(activityOf) } }).toArray()
    const heats = new Map(active.map(({ _id, heat = 0 }) => [_id, heat]))
    return docs.map((doc) => {
      const group = toGroupWithMembers(doc)
      return {
        ...group,
        authorizedUserIds: distinct(group.authorizedUserIds),
        ...(found.get(group.id) ?? { seq: 0, rev: 0, deleted: 0 }),
        lastMessageAt: times.get(group.id) ?? null,
        clearedSeq: cleared.get(group.id) ?? 0,
        heat: heats.get(activityOf(group.id)) ?? 0,
      }
    })
  }

  async function* dump(after: string | null): AsyncIterable<Page<GroupRecord>> {
    for await (const docs of groupLists(connection, after))
      yield { records: await read(docs), last: String(docs.at(-1)?._id.toHexString()) }
  }

  return {
    keptIn: ['groups', 'heads', 'rosters', 'tally'],
    dump,

    async fill(records) {
      if (!records.length) return
      await insertAll(groups, records.map(fromGroup))
      await rosters.begin(records)
      const moved = records.filter(({ seq, rev }) => seq + rev > 0)
      if (moved.length) await heads.bulkWrite(moved.flatMap(headOf))
      await insertAll(
        totals,
        records
          .filter(({ heat }) => heat > 0)
          .map(({ id, heat, lastMessageAt }) => ({
            _id: activityOf(id),
            heat,
            at: new Date(lastMessageAt ?? 0),
          })),
      )
    },
  }
}

/** The primary stamps the head: nobody has followed these groups yet. */
function headOf({ id, seq, rev, deleted, lastMessageAt, clearedSeq: cleared }: GroupRecord) {
  const last: HeadDoc['last'] = lastMessageAt === null ? undefined : { seq, at: new Date(lastMessageAt) }
  const raise = raiseOf([id, { seq, changes: { rev, deleted }, ...(last && { last }) }])
  return cleared > 0
    ? [raise, { updateOne: { filter: { _id: id }, update: { $max: { cleared } }, upsert: true } }]
    : [raise]
}
