import { ObjectId, type UpdateFilter } from 'mongodb'
import type { Deed } from '../../domain/audit.ts'
import type { Change } from '../../domain/change.ts'
import { memberData } from '../../domain/changes.ts'
import { notFound } from '../../domain/errors.ts'
import type { Group } from '../../domain/group.ts'
import type { Member, Membership } from '../../domain/member.ts'
import type { Target } from '../../domain/member-changes.ts'
import { toDeedDoc } from './audit.ts'
import type { GroupDoc, MarkEntry } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { ownersToSet, toGroup } from './group-documents.ts'
import type { GroupLook } from './group-marks.ts'
import { markId } from './log/pending.ts'
import type { Members } from './members.ts'
import { bannedUntil, membershipOf, type People, readPeople } from './people.ts'

/** A group between two changes, when all that its document tells is in the log, and what some users are to it. */
export interface Standing {
  readonly doc: GroupLook
  readonly group: Group
  readonly memberCount: number
  readonly people: People
  membership(userId: string): Membership
  target(userId: string): Target
  readonly bannedUntil: ReadonlyMap<string, number | null>
}

/** What is to become of a group's people. Some come or some go, not both at once. */
export interface PeopleChange {
  readonly entries: readonly MarkEntry[]
  readonly added?: readonly string[]
  readonly removed?: readonly string[]
  /** Those who have to be members still. */
  readonly present?: readonly string[]
  /** Given when they change. */
  readonly ownerIds?: readonly string[]
}

/**
 * Changes a group's people. Everything that has to hold together stands in the group's document, which has a `ver`: who is in
 * it, its owners, and as a mark all that is to be logged and recorded beside it. Whoever changes it next settles the mark first,
 * so a decision is never made by what is half written, on whichever instance.
 */
export interface GroupChanges {
  /**
   * `plan` is asked what to change, and again when somebody else was faster; null when nothing has to. Throws what it throws,
   * not_found, and unavailable.
   */
  change(
    groupId: string,
    userIds: readonly string[],
    at: number,
    deadline: number,
    plan: (standing: Standing) => PeopleChange | null | Promise<PeopleChange | null>,
  ): Promise<readonly Change[]>
  /** Throws not_found. */
  read(groupId: string, userIds: readonly string[], deadline: number): Promise<Standing>
  /**
   * To be called when a record was changed that no entry of the log tells of: the group's document is touched, by which all
   * instances hear that what they keep of its people may not be true any more.
   */
  touch(groupId: string): Promise<void>
}

interface Deps {
  connection: Connection
  members: Members
}

export function createGroupChanges({ connection, members }: Deps): GroupChanges {
  async function read(groupId: string, userIds: readonly string[], deadline: number): Promise<Standing> {
    const doc = await members.settle(groupId, userIds, deadline)
    if (!doc) throw notFound('group')
    // The document is read first, so whoever writes by its `ver` has seen all records that were made before.
    const people = await readPeople(connection, groupId, userIds)
    const group = toGroup(doc)
    const membership = (userId: string) => membershipOf(group, userId, doc.listed.has(userId), people)
    return {
      doc,
      group,
      memberCount: doc.member_count,
      people,
      membership,
      target(userId) {
        const { member, mutedUntil } = membership(userId)
        return { userId, member, mutedUntil }
      },
      bannedUntil: bannedUntil(people.bans, userIds),
    }
  }

  return {
    read,

    async change(groupId, userIds, at, deadline, plan) {
      let standing: Standing | undefined
      const written = members.marked.write(groupId, deadline, {
        async read() {
          standing = await read(groupId, userIds, deadline)
          return standing.doc
        },
        async next() {
          const wanted = standing && (await plan(standing))
          return standing && wanted ? writeOf(standing.doc, wanted, at) : null
        },
      })
      return (await written.finally(() => members.forget(groupId))).changes
    },

    async touch(groupId) {
      // A mark of the version before is found again by `ver`. Whoever made it touches the document when it is logged.
      const filter = {
        _id: new ObjectId(groupId),
        $or: [{ unlogged: null }, { 'unlogged.id': { $exists: true } }],
      }
      await connection.groups.updateOne(filter as object, { $inc: { ver: 1 } })
      members.forget(groupId)
    },
  }
}

/** One update of the group's document. It fails when somebody has changed these members by hand meanwhile. */
function writeOf({ _id, ver, has_list }: GroupLook, wanted: PeopleChange, at: number) {
  const { entries, added = [], removed = [], present = [], ownerIds } = wanted
  const staying = [...removed, ...present]
  const filter = {
    _id,
    ver: ver ?? null,
    unlogged: null,
    ...(added.length && { authorized_user_ids: { $nin: [...added] } }),
    ...(staying.length && { authorized_user_ids: { $all: staying } }),
  }
  const isChanged = added.length > 0 || removed.length > 0 || ownerIds !== undefined
  const set: Partial<GroupDoc> = {
    ver: (ver ?? 0) + 1,
    unlogged: { id: markId(), at: new Date(at), entries: [...entries] },
    ...(isChanged && { updated_at: new Date(at) }),
    ...(ownerIds && ownersToSet(ownerIds)),
    // A group that was made by hand has no list to append to.
    ...(added.length && !has_list && { authorized_user_ids: [...added], logged_user_ids: [...added] }),
  }
  const also: UpdateFilter<GroupDoc> = {
    ...(added.length && has_list && { $push: bothLists({ $each: [...added] }) }),
    ...(removed.length && { $pull: bothLists({ $in: [...removed] }) }),
    ...(ownerIds?.length === 0 && { $unset: { owner_id: '' as const } }),
  }
  return { filter: filter as object, set, also }
}

const bothLists = <T>(operation: T) => ({ authorized_user_ids: operation, logged_user_ids: operation })

export const addedEntry = (member: Member, at: number): MarkEntry => ({
  type: 'member_added',
  user_id: member.userId,
  data: memberData(member),
  at: new Date(at),
})

export const updatedEntry = (member: Member, deed: Deed | null = null): MarkEntry => ({
  type: 'member_updated',
  user_id: member.userId,
  data: memberData(member),
  ...(deed && { deed: toDeedDoc(deed) }),
})

export const removedEntry = (userId: string, by: string): MarkEntry => ({
  type: 'member_removed',
  user_id: userId,
  data: { user_id: userId, by },
})
