import { type AnyBulkWriteOperation, type Filter, ObjectId, type WithId } from 'mongodb'
import type { Change } from '../../domain/change.ts'
import { losesAccess } from '../../domain/changes.ts'
import type { MembersAmong, Membership } from '../../domain/member.ts'
import { difference, distinct } from '../../domain/user-list.ts'
import type { MemberStore } from '../members.ts'
import { type GroupDoc, type MemberDoc, membersOf, toGroup, toMember } from './documents.ts'
import { createBatches } from './engine/batches.ts'
import type { Connection } from './engine/connect.ts'
import { unavailable } from './engine/failure.ts'
import { listedOf } from './listed.ts'
import { type Mark, type MarkedWrites, markId, type Pending } from './log/pending.ts'
import { createMembershipCache } from './membership-cache.ts'
import type { ReadMarks } from './read-marks.ts'
import type { Rosters } from './rosters.ts'

/** So many memberships are kept. */
const maxCached = 100_000
/** A kept membership is trusted while the stream of groups has proved within so many milliseconds that it missed nothing. */
const trustMs = 1_000
/** The database may take so many milliseconds to confirm a read by a majority. */
const confirmMs = 3_000

/** Tells who is a member. `authorized_user_ids` decides, which operators may edit by hand. */
export interface Members extends MemberStore {
  /** The group's document as it is, with its list. */
  readGroup(id: string): Promise<GroupDoc | null>
  /** Checks a write by the rule. The membership is about a second old at most, and a refusal is never by a kept one. */
  check(groupId: string, userId: string, rule: (membership: Membership | null) => void): Promise<void>
  /**
   * To be called when the group's document was changed: what is kept of it may not be true any more. Without an id all
   * groups are dropped.
   */
  forget(id?: string): void
  /**
   * Logs a hand edit of the group, unless somebody else does. Marked changes are left to whoever made the mark, or the
   * sweep. In a document that was replaced, the list of members that were told can't be trusted, and the mark may be an
   * old one.
   */
  logHandEdit(id: string, isReplaced: boolean, deadline: number): Promise<void>
  /** Logs what the group's document tells and the log does not. Resolves to the document after that. */
  settle(id: string, deadline: number): Promise<GroupDoc | null>
  /** The marks on groups' documents. */
  readonly marked: MarkedWrites<GroupDoc>
}

/** A caller that waits for a membership. */
interface Asking {
  readonly userId: string
  resolve(membership: Membership | null): void
  reject(error: unknown): void
}

interface Deps {
  connection: Connection
  pending: Pending
  rosters: Rosters
  marks: Pick<ReadMarks, 'drop'>
  now: () => number
  /** When the stream of groups last proved that it missed nothing, by performance.now(). */
  provedAt: () => number
  /** Is called when a read happens to see a hand edit. */
  onUnlogged(id: string): void
}

export function createMembers(deps: Deps): Members {
  const { connection, pending, rosters, marks, now, provedAt, onUnlogged } = deps
  const { groups, causal } = connection
  const cache = createMembershipCache(maxCached)
  const marked = pending.register<GroupDoc>({
    collection: groups,
    marked: { unlogged: { $exists: true } },
    markOf,
    async onLogged(logged) {
      for (const { doc, changes } of logged) {
        const groupId = doc._id.toHexString()
        const { rev } = changes.findLast(({ data }) => data.user_id !== undefined) ?? {}
        if (!rev) continue
        await keepRecords(connection, groupId, changes)
        const gone = changes.map(losesAccess).filter((userId) => userId !== null)
        if (gone.length) await marks.drop(groupId, gone, changes.at(-1)?.seq ?? 0)
        // The list is kept before the mark is removed, because whoever finds no mark takes this list for what was told.
        await rosters.keep(groupId, rev, doc.logged_user_ids ?? [])
      }
    },
  })

  async function readGroup(id: string): Promise<GroupDoc | null> {
    const doc = await causal.read((options) => groups.findOne({ _id: new ObjectId(id) }, options))
    if (doc && !doc.unlogged && !isLogged(doc)) onUnlogged(id)
    return doc
  }

  /** Memberships that are asked for together are read together. The server compares the list, so it is not transferred. */
  const reading = createBatches<Asking>({
    most: 1_000,
    atOnce: 3,
    async run(groupId, asking) {
      const userIds = distinct(asking.map(({ userId }) => userId))
      const found = await connection.unlessHung(readMemberships(connection, groupId, userIds))
      for (const { userId, resolve } of asking) resolve(found?.get(userId) ?? null)
    },
    onFailed(asking, error) {
      for (const { reject } of asking) reject(error)
    },
  })

  const read = (groupId: string, userId: string): Promise<Membership | null> =>
    new Promise((resolve, reject) => reading.add(groupId, { userId, resolve, reject }))

  /**
   * Marks hand edits as to be logged. Resolves to the marked document, or to null when somebody else was faster.
   */
  async function claim(doc: GroupDoc): Promise<GroupDoc | null> {
    const logged_user_ids = membersOf(doc)
    const id = doc._id.toHexString()
    const told = (await rosters.read(id)) ?? doc.logged_user_ids
    // The group is seen for the first time. Members who came before our time are no news.
    if (!told) await rosters.takeOn(id, logged_user_ids)
    const entries = told ? memberEntries(told, logged_user_ids) : []
    const $set = {
      logged_user_ids,
      ver: (doc.ver ?? 0) + 1,
      ...(!doc.created_at && { created_at: doc._id.getTimestamp() }),
      ...(entries.length && { unlogged: { id: markId(), at: new Date(now()), entries } }),
    }
    return groups.findOneAndUpdate(asSeen(doc), { $set }, { returnDocument: 'after' })
  }

  async function differs(doc: GroupDoc): Promise<boolean> {
    const told = await rosters.read(doc._id.toHexString())
    return told !== undefined && memberEntries(told, membersOf(doc)).length > 0
  }

  return {
    read,
    readGroup,
    marked,

    among: async (groupId, userIds) => among(await readGroup(groupId), userIds),

    async confirm(groupId, userIds) {
      // The primary asks a majority whether it is the primary still. A read with `majority` may be of an earlier one.
      const options = { readConcern: 'linearizable', maxTimeMS: confirmMs } as const
      return among(await groups.findOne({ _id: new ObjectId(groupId) }, options), userIds)
    },

    async check(groupId, userId, rule) {
      const known = cache.get(groupId, userId)
      if (known && (!known.isRead || performance.now() - provedAt() <= trustMs)) {
        const membership = await known.membership
        try {
          return rule(membership)
        } catch {
          // The user may have gained access a moment ago, so the database is asked before anybody is refused.
        }
      }
      rule(await cache.keep(groupId, userId, read(groupId, userId)))
    },

    forget: cache.forget,

    async settle(id, deadline) {
      for (;;) {
        const doc = await groups.findOne({ _id: new ObjectId(id) })
        if (!doc || (!doc.unlogged && isLogged(doc))) return doc
        if (performance.now() > deadline) throw unavailable()
        if (doc.unlogged) await marked.log(doc, deadline)
        else await claim(doc)
      }
    },

    async logHandEdit(id, isReplaced, deadline) {
      let doc = await groups.findOne({ _id: new ObjectId(id) })
      if (isReplaced && doc?.unlogged) {
        await marked.log(doc, deadline)
        doc = await groups.findOne({ _id: doc._id })
      }
      if (!doc || doc.unlogged) return
      if (isLogged(doc) && !(isReplaced && (await differs(doc)))) return
      const claimed = await claim(doc)
      if (claimed) await marked.log(claimed, deadline)
    },
  }
}

function among(doc: GroupDoc | null, userIds: readonly string[]): MembersAmong | null {
  if (!doc) return null
  const listed = new Set(membersOf(doc))
  return { group: toGroup(doc), userIds: new Set(userIds.filter((userId) => listed.has(userId))) }
}

const recordId = (groupId: string, userId: string): string => `${groupId}:${userId}`

/** Keeps since when those who joined are members, and drops the records of those who left. To do it again changes nothing. */
async function keepRecords(
  { members }: Connection,
  groupId: string,
  changes: readonly Change[],
): Promise<void> {
  const writes = changes.flatMap(({ type, rev, seq, at, data }): AnyBulkWriteOperation<MemberDoc>[] => {
    const { user_id } = data
    if (typeof user_id !== 'string') return []
    const _id = recordId(groupId, user_id)
    if (type === 'member_removed') return [{ deleteOne: { filter: { _id, 'joined.rev': { $lt: rev } } } }]
    const update = {
      $max: { joined: { rev, at: new Date(at), seq } },
      $setOnInsert: { group_id: groupId, user_id },
    }
    return [{ updateOne: { filter: { _id }, update, upsert: true } }]
  })
  await members.bulkWrite(writes)
}

/** Resolves to null when there is no such group. */
async function readMemberships(
  { groups, members, causal }: Connection,
  groupId: string,
  userIds: readonly string[],
): Promise<Map<string, Membership> | null> {
  const ids = userIds.map((userId) => recordId(groupId, userId))
  const [docs, records] = await causal.read((options) =>
    Promise.all([
      groups
        .aggregate<WithId<GroupDoc> & { listed: string[] }>(
          [{ $match: { _id: new ObjectId(groupId) } }, { $project: withListed(userIds) }],
          options,
        )
        .toArray(),
      members.find({ _id: { $in: ids } }, { ...options, batchSize: ids.length + 1 }).toArray(),
    ]),
  )
  const [doc] = docs
  if (!doc) return null
  const group = toGroup(doc)
  const listed = new Set(doc.listed)
  const recordOf = new Map(records.map((record) => [record.user_id, record]))
  const memberOf = (userId: string) =>
    listed.has(userId) ? toMember(group, userId, recordOf.get(userId)) : null
  return new Map(userIds.map((userId) => [userId, { group, member: memberOf(userId) }]))
}

const withListed = (userIds: readonly string[]) => ({
  name: 1,
  description: 1,
  owner_id: 1,
  created_at: 1,
  updated_at: 1,
  listed: listedOf('$authorized_user_ids', userIds),
})

function markOf({ _id, ver = 0, unlogged }: WithId<GroupDoc>): Mark<GroupDoc> | null {
  if (!unlogged) return null
  const groupId = _id.toHexString()
  const key = `${groupId}.${unlogged.id ?? ver}`
  return {
    key,
    groupId,
    drafts: unlogged.entries.map(({ type, user_id }, index) => ({
      _id: `${key}.${index}`,
      type,
      at: unlogged.at,
      // A mark names the user in the way of the version before, because an instance of that version may log it.
      ...(user_id !== undefined && { user_id, data: { user_id } }),
    })),
    // The filter matches this mark and no later one: where documents are replaced, the same `ver` comes again.
    filter: unlogged.id === undefined ? { _id, ver } : ({ _id, 'unlogged.id': unlogged.id } as object),
    fields: ['unlogged'],
  }
}

/** Who came, in the order of the new list, then who went, in that of the old one. */
export function memberEntries(before: readonly string[], after: readonly string[]) {
  const { added, removed } = difference(distinct(before), distinct(after))
  return [
    ...added.map((user_id) => ({ type: 'member_added' as const, user_id })),
    ...removed.map((user_id) => ({ type: 'member_removed' as const, user_id })),
  ]
}

/** Matches the group while nobody, by our rules or by hand, has changed its members since this was read. */
export const asSeen = (doc: GroupDoc): Filter<GroupDoc> =>
  ({
    _id: doc._id,
    ver: doc.ver ?? null,
    authorized_user_ids: doc.authorized_user_ids ?? null,
  }) as Filter<GroupDoc>

/** True when the log tells the members as they are. */
export const isLogged = (doc: GroupDoc): boolean =>
  doc.logged_user_ids !== undefined &&
  (isSame(doc.logged_user_ids, membersOf(doc)) ||
    memberEntries(doc.logged_user_ids, membersOf(doc)).length === 0)

export const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, i) => item === b[i])
