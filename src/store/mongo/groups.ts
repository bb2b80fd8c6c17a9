import { type Filter, ObjectId } from 'mongodb'
import { requireMay } from '../../domain/access.ts'
import type { Caller } from '../../domain/caller.ts'
import type { ChangeType } from '../../domain/changes.ts'
import { ChatError } from '../../domain/errors.ts'
import { type GroupPatch, type GroupSummary, type GroupWithMembers, requireSeen } from '../../domain/group.ts'
import { isByCreation } from '../../domain/group-list.ts'
import { limits } from '../../domain/limits.ts'
import { membershipIn } from '../../domain/member.ts'
import { withTimeout } from '../../domain/with-timeout.ts'
import type { GroupStore } from '../groups.ts'
import type { Written } from '../written.ts'
import { fromGroup, type GroupDoc, membersOf, toGroup, toGroupWithMembers } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { isDuplicate } from './engine/failure.ts'
import { createGroupList, listing, newestFirst, withIds } from './group-list.ts'
import type { KeptHeads } from './log/heads.ts'
import { markId } from './log/pending.ts'
import { asSeen, isSame, type Members, memberEntries } from './members.ts'
import type { Rosters } from './rosters.ts'

/** A deletion waits so many milliseconds for the messages to be removed too. */
const restMs = 2_000

type Groups = Omit<GroupStore, 'update'> & {
  update(
    id: string,
    patch: GroupPatch,
    by: Caller,
    at: number,
    deadline: number,
  ): Promise<Written<GroupWithMembers>>
  /** Ends deletions that were begun, here or elsewhere, and removes what was still written meanwhile. */
  finishDeletions(): Promise<void>
}

interface Deps {
  connection: Connection
  /** The connection for what may take long. */
  patient: Connection
  members: Members
  rosters: Rosters
  heads: Pick<KeptHeads, 'lastOf'>
}

export function createGroups({ connection, patient, members, rosters, heads }: Deps): Groups {
  const listGroups = createGroupList(connection, heads)
  const { groups, causal, meta } = connection
  /** The deletions that were found begun by the last call of `finishDeletions`. */
  let seen = new Set<string>()

  /** To be called when the group itself is removed, so that nobody writes to it any more. A sweep removes what is left. */
  async function removeRest(id: string): Promise<void> {
    await patient.changes.deleteMany({ group_id: id })
    await patient.messages.deleteMany({ group_id: id })
    await patient.reactions.deleteMany({ group_id: id })
    await patient.pins.deleteOne({ _id: id })
    await patient.reads.deleteMany({ group_id: id })
    await patient.heads.deleteOne({ _id: id })
    await patient.rosters.deleteOne({ _id: id })
    await patient.members.deleteMany({ group_id: id })
  }

  /** The groups in the order of their ids as given. Those that are gone are left out. */
  async function readSummaries(ids: readonly string[]): Promise<GroupSummary[]> {
    if (!ids.length) return []
    const pipeline = [{ $match: withIds(ids) }, { $project: summary }]
    const docs = await causal.read((options) => groups.aggregate<SummaryDoc>(pipeline, options).toArray())
    const found = new Map(docs.map((doc) => [doc._id.toHexString(), toSummary(doc)]))
    return ids.flatMap((id) => found.get(id) ?? [])
  }

  return {
    async create(group) {
      try {
        await Promise.all([
          groups.insertOne(fromGroup(group)),
          rosters.begin(group.id, group.authorizedUserIds),
        ])
      } catch (error) {
        throw isDuplicate(error) ? new ChatError('conflict', 'A group with this id exists.') : error
      }
      return { value: group, changes: [] }
    },

    async read(id) {
      const doc = await members.readGroup(id)
      return doc && toGroupWithMembers(doc)
    },

    async readSummary(id) {
      const [found] = await readSummaries([id])
      return found ?? null
    },

    async list(userId, wanted) {
      const { offset, limit } = wanted
      if (!isByCreation(wanted)) {
        const { ids, total } = await listGroups(userId, wanted)
        return { groups: await readSummaries(ids), total }
      }
      const listed = listing(userId)
      const [docs, total] = await causal.read((options) =>
        Promise.all([
          groups
            .aggregate<SummaryDoc>(
              [
                { $match: listed },
                { $sort: newestFirst },
                { $skip: offset },
                { $limit: limit },
                { $project: summary },
              ],
              options,
            )
            .toArray(),
          groups.countDocuments(listed, options),
        ]),
      )
      return { groups: docs.map(toSummary), total }
    },

    listIds: async (userId, limit) => (await listGroups(userId, { sort: 'activity', offset: 0, limit })).ids,

    async listNames(userId, ids) {
      const filter = { ...listing(userId), _id: { $in: ids.map((id) => new ObjectId(id)) } }
      const docs = await causal.read((options) =>
        groups.find(filter, { ...options, projection: { name: 1 }, batchSize: ids.length + 1 }).toArray(),
      )
      return docs.map((doc) => {
        const { id, name } = toGroup(doc)
        return { id, name }
      })
    },

    async update(id, patch, by, at, deadline) {
      const written = members.marked.write(id, deadline, {
        async read() {
          const found = await members.settle(id, deadline)
          requireMay('manage', found && membershipIn(toGroupWithMembers(found), by.userId), by)
          return found as GroupDoc
        },
        async next(found) {
          const group = toGroupWithMembers(found)
          requireSeen(group, patch)
          const set = patched(found, group, patch, at)
          const isSeen = patch.authorizedUserIds ? asSeen(found) : { _id: found._id, ver: found.ver ?? null }
          return set && { filter: isSeen as Filter<GroupDoc>, set }
        },
      })
      const { doc, changes } = await written.finally(() => members.forget(id))
      return { value: toGroupWithMembers(doc), changes }
    },

    async delete(id, by) {
      requireMay('manage', await members.read(id, by.userId), by)
      const note = { _id: `deleted:${id}` }
      await meta.updateOne(note, { $set: { group_id: id } }, { upsert: true })
      await groups.deleteOne({ _id: new ObjectId(id) })
      members.forget(id)
      // The group is gone, whatever becomes of the rest. A sweep finishes what fails or takes longer.
      const rest = removeRest(id).catch(() => undefined)
      await withTimeout(rest, restMs, () => undefined)
      return { value: null, changes: [] }
    },

    async finishDeletions() {
      const notes = await meta.find({ _id: { $gte: 'deleted:', $lt: 'deleted;' } }).toArray()
      const old = notes.filter((note) => seen.has(note._id))
      seen = new Set(notes.map((note) => note._id))
      for (const { _id, group_id } of old) {
        if (!group_id) continue
        await groups.deleteOne({ _id: new ObjectId(group_id) })
        await removeRest(group_id)
        await meta.deleteOne({ _id })
      }
    },
  }
}

/** A list of members that was written by hand may hold values that are no text. The count of members counts them too. */
const isList = { $isArray: '$authorized_user_ids' }
const summary = {
  name: 1,
  description: 1,
  owner_id: 1,
  created_at: 1,
  updated_at: 1,
  authorized_user_ids: {
    $cond: [isList, { $slice: ['$authorized_user_ids', limits.listedMembers] }, []],
  },
  member_count: { $cond: [isList, { $size: '$authorized_user_ids' }, 0] },
}
type SummaryDoc = GroupDoc & { member_count: number }
const toSummary = (doc: SummaryDoc): GroupSummary => ({
  ...toGroupWithMembers(doc),
  memberCount: doc.member_count,
})

/** What the patch writes, with the mark of what is to be logged; null when it changes nothing. */
function patched(
  doc: GroupDoc,
  group: GroupWithMembers,
  patch: GroupPatch,
  at: number,
): Partial<GroupDoc> | null {
  const { name = group.name, description = group.description, authorizedUserIds } = patch
  const isRenamed = name !== group.name || description !== group.description
  const isReordered = authorizedUserIds !== undefined && !isSame(authorizedUserIds, membersOf(doc))
  if (!isRenamed && !isReordered) return null
  const entries: { type: ChangeType; user_id?: string }[] = [
    ...(isRenamed ? [{ type: 'group_updated' as const }] : []),
    ...(isReordered ? memberEntries(membersOf(doc), authorizedUserIds) : []),
  ]
  return {
    ...(isRenamed && { name, description }),
    ...(isReordered && {
      authorized_user_ids: [...authorizedUserIds],
      logged_user_ids: [...authorizedUserIds],
    }),
    updated_at: new Date(at),
    ver: (doc.ver ?? 0) + 1,
    ...(entries.length && { unlogged: { id: markId(), at: new Date(at), entries } }),
  }
}
