import { type Filter, ObjectId, type WithId } from 'mongodb'
import { requireMay } from '../../domain/access.ts'
import type { Caller } from '../../domain/caller.ts'
import { ChatError, notFound } from '../../domain/errors.ts'
import {
  type GroupSummary,
  type GroupWithMembers,
  isForOwners,
  requireRoom,
  requireSeen,
} from '../../domain/group.ts'
import { isByCreation } from '../../domain/group-list.ts'
import type { Naming } from '../../domain/naming.ts'
import { distinct } from '../../domain/user-list.ts'
import type { GroupStore } from '../groups.ts'
import type { Deletions } from './deletions.ts'
import type { GroupDoc } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { unavailable } from './engine/failure.ts'
import { type SummaryDoc, summary, toGroup, toGroupWithMembers, toSummary } from './group-documents.ts'
import { createGroupList, listing, newestFirst, withIds } from './group-list.ts'
import { planPatch } from './group-patches.ts'
import type { KeptHeads } from './log/heads.ts'
import type { Late } from './member-changes.ts'
import type { Members } from './members.ts'
import type { Names } from './names.ts'
import type { NewGroups } from './new-groups.ts'
import { createOpenGroupList } from './open-groups.ts'
import { membershipOf, readBannedGroups, readPeople } from './people.ts'
import type { PreferencesOnMongo } from './preferences.ts'

type Groups = Omit<GroupStore, 'update'> & { update: Late<GroupStore['update']> }

interface Deps {
  connection: Connection
  members: Members
  heads: Pick<KeptHeads, 'lastOf'>
  newGroups: NewGroups
  deletions: Pick<Deletions, 'delete' | 'withdraw' | 'isBegun'>
  names: Names
  preferences: Pick<PreferencesOnMongo, 'marksOf'>
  maxMembers: number
  now: () => number
  /** Is told of each new group, and when it was made. */
  onMade(id: string, at: number): void
}

export function createGroups(deps: Deps): Groups {
  const { connection, members, heads, newGroups, deletions, names, preferences, maxMembers, now, onMade } =
    deps
  const listGroups = createGroupList(connection, heads)
  const listOpen = createOpenGroupList(connection, listGroups)
  const { groups, causal } = connection

  /** The group between two changes, with its list. Throws not_found, and what `require` throws of the caller. */
  async function readWhole(id: string, require: Check, by: Caller, deadline: number) {
    for (;;) {
      const look = await members.settle(id, [by.userId], deadline)
      if (!look) throw notFound('group')
      const people = await readPeople(connection, id, [by.userId])
      require(membershipOf(toGroup(look), by.userId, look.listed.has(by.userId), people))
      const doc = await groups.findOne({ _id: look._id })
      if (doc && doc.ver === look.ver && !doc.unlogged) return doc
      if (performance.now() > deadline) throw unavailable()
    }
  }

  /** The groups in the order of their ids as given. Those that are gone are left out. */
  async function readSummaries(ids: readonly string[]): Promise<GroupSummary[]> {
    if (!ids.length) return []
    const pipeline = [{ $match: withIds(ids) }, { $project: summary }]
    const docs = await causal.read((options) => groups.aggregate<SummaryDoc>(pipeline, options).toArray())
    const found = new Map(docs.map((doc) => [doc._id.toHexString(), toSummary(doc)]))
    return ids.flatMap((id) => found.get(id) ?? [])
  }

  /** Throws conflict when the name has had another group since, or a group of this id was deleted by hand. */
  async function takeName(naming: Naming, id: string): Promise<void> {
    if (!(await names.give(naming, id))) throw nameHasMoved()
    const wasUsed = await connection.heads.findOne({
      _id: id,
      $or: [{ seq: { $gt: 0 } }, { 'changes.rev': { $gt: 0 } }],
    })
    if (!wasUsed) return
    if (!(await groups.findOne({ _id: new ObjectId(id) }, { projection: { _id: 1 } })))
      await names.release(id)
    throw nameHasMoved()
  }

  /**
   * To be called when the group was made. Somebody else may have made the same group, and deleted it, since this one's name was taken.
   * The note of that deletion stays until the name is released, so it is looked for first. Throws conflict.
   */
  async function keepName(naming: Naming, id: string): Promise<void> {
    if (!(await deletions.isBegun(id)) && (await names.isOf(naming, id))) return
    await deletions.withdraw(id)
    throw nameHasMoved()
  }

  const ownGroups = async (userId: string): Promise<Filter<GroupDoc>> =>
    listing(userId, await causal.read((options) => readBannedGroups(connection, userId, now(), options)))

  return {
    async create(given, naming = null) {
      requireRoom(0, distinct(given.authorizedUserIds).length, maxMembers)
      if (naming) await takeName(naming, given.id)
      const group = await newGroups.make(given)
      if (naming) await keepName(naming, given.id)
      onMade(group.id, group.createdAt)
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
      const [marks, listed] = await Promise.all([preferences.marksOf(userId), ownGroups(userId)])
      if (!isByCreation(wanted, marks)) {
        const { ids, total } = await listGroups(listed, wanted, marks)
        return { groups: await readSummaries(ids), total }
      }
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

    async listOpen(userId, wanted, at) {
      const { ids, total } = await listOpen(userId, wanted, at)
      return { groups: await readSummaries(ids), total }
    },

    async listIds(userId, limit, hidden = false) {
      const [marks, listed] = await Promise.all([preferences.marksOf(userId), ownGroups(userId)])
      return (await listGroups(listed, { sort: 'activity', offset: 0, limit, hidden }, marks)).ids
    },

    async listNames(userId, ids) {
      const filter = { $and: [await ownGroups(userId), { _id: { $in: ids.map((id) => new ObjectId(id)) } }] }
      const docs = await causal.read((options) =>
        groups.find(filter, { ...options, projection: { name: 1 }, batchSize: ids.length + 1 }).toArray(),
      )
      return docs.map((doc) => {
        const { id, name } = toGroup(doc)
        return { id, name }
      })
    },

    async update(deadline, id, given, by, at) {
      const { authorizedUserIds } = given
      const patch = authorizedUserIds ? { ...given, authorizedUserIds: distinct(authorizedUserIds) } : given
      const action = isForOwners(patch) ? 'manage' : 'describe'
      let after: GroupWithMembers | undefined
      const written = members.marked.write(id, deadline, {
        read: () => readWhole(id, (membership) => requireMay(action, membership, by, at), by, deadline),
        async next(doc: WithId<GroupDoc>) {
          const before = toGroupWithMembers(doc)
          requireSeen(before, patch)
          const planned = await planPatch({ connection, maxMembers }, doc, before, patch, by, at)
          after = planned?.after ?? before
          return (
            planned && { filter: planned.filter as Filter<GroupDoc>, set: planned.set, also: planned.also }
          )
        },
      })
      const { changes } = await written.finally(() => members.forget(id))
      if (!after) throw unavailable()
      return { value: after, changes }
    },

    async delete(id, by, at) {
      requireMay('delete', await members.read(id, by.userId), by, at)
      await deletions.delete(id, at)
      return { value: null, changes: [] }
    },
  }
}

type Check = Parameters<Members['check']>[2]

const nameHasMoved = () => new ChatError('conflict', 'The group of this name was deleted meanwhile.')
