import { roleChange } from '../../domain/audit.ts'
import type { Caller } from '../../domain/caller.ts'
import { requireRoom } from '../../domain/group.ts'
import type { Member, WayIn } from '../../domain/member.ts'
import {
  changeMember,
  newMember,
  ownersWithout,
  removeMember,
  requireMayAdd,
  requireNoneBanned,
} from '../../domain/member-changes.ts'
import { distinct } from '../../domain/user-list.ts'
import type { MemberStore } from '../members.ts'
import type { Written } from '../written.ts'
import type { Deletions } from './deletions.ts'
import { createBatches } from './engine/batches.ts'
import type { Connection } from './engine/connect.ts'
import { isDuplicate, unavailable } from './engine/failure.ts'
import {
  addedEntry,
  type GroupChanges,
  type PeopleChange,
  removedEntry,
  type Standing,
  updatedEntry,
} from './group-changes.ts'
import { findHeir } from './heirs.ts'
import { local, readHead } from './log/heads.ts'
import { recordId } from './member-records.ts'

/** A write as the store's interface names it, with its deadline before it. */
export type Late<Operation> = Operation extends (...args: infer Args) => infer Result
  ? (deadline: number, ...args: Args) => Result
  : never

export type MemberChanges = {
  [Name in 'add' | 'change' | 'remove']: Late<MemberStore[Name]>
}

/** What one caller asks for. */
interface Adding {
  readonly userIds: readonly string[]
  readonly way: WayIn
  readonly by: Caller
  readonly at: number
  readonly deadline: number
  resolve(written: Written<readonly Member[]>): void
  reject(error: unknown): void
}

/** Most requests whose users are added together. */
const maxBatch = 100

interface Deps {
  connection: Connection
  changes: GroupChanges
  deletions: Pick<Deletions, 'deleteAlone'>
  maxMembers: number
}

export function createMemberChanges({ connection, changes, deletions, maxMembers }: Deps): MemberChanges {
  /** All who come at once are written at once: a crowd costs a few rounds, and none for each. */
  const adding = createBatches<Adding>({ most: maxBatch, atOnce: 1, run, onFailed: refuse })

  async function run(groupId: string, requests: readonly Adding[]): Promise<void> {
    const userIds = distinct(requests.flatMap(({ by, userIds }) => [by.userId, ...userIds]))
    const at = Math.max(...requests.map((request) => request.at))
    const deadline = Math.max(...requests.map((request) => request.deadline))
    let planned: Planned[] = []
    const logged = await changes.change(groupId, userIds, at, deadline, (standing) => {
      planned = planAdds(standing, requests, maxMembers)
      const added = planned.flatMap(({ members }) => members.map(({ userId }) => userId))
      if (!added.length) return null
      const entries = planned.flatMap(({ request, members }) =>
        members.map((member) => addedEntry(member, request.at)),
      )
      return { entries, added }
    })
    let from = 0
    for (const { request, members, error } of planned) {
      if (error !== undefined) request.reject(error)
      else request.resolve({ value: members, changes: logged.slice(from, from + members.length) })
      from += members.length
    }
  }

  /**
   * A guest's mute is told to nobody, so no entry of the log gives it its place: it comes after all that is logged by now.
   * What is logged later has a higher `rev`, and stays.
   */
  async function muteGuest({ group }: Standing, userId: string, mutedUntil: number | null): Promise<void> {
    const { rev } = await readHead(connection, group.id, local)
    const _id = recordId(group.id, userId)
    const until = mutedUntil === null ? null : new Date(mutedUntil)
    try {
      await connection.members.updateOne(
        { _id, $or: [{ muted: { $exists: false } }, { 'muted.rev': { $lte: rev } }] },
        {
          $set: { muted: { rev, until } },
          $setOnInsert: {
            group_id: group.id,
            user_id: userId,
            joined: { rev: 0, at: new Date(group.createdAt) },
          },
        },
        { upsert: true },
      )
    } catch (error) {
      if (!isDuplicate(error)) throw error
    }
    await changes.touch(group.id)
  }

  return {
    add: (deadline, groupId, userIds, way, by, at) =>
      new Promise((resolve, reject) =>
        adding.add(groupId, { userIds, way, by, at, deadline, resolve, reject }),
      ),

    async change(deadline, groupId, userId, patch, by, at) {
      const planned: { member?: Member; guest?: Standing | undefined } = {}
      const logged = await changes.change(groupId, [by.userId, userId], at, deadline, (standing) => {
        const target = standing.target(userId)
        const { member, ownerIds } = changeMember(standing.membership(by.userId), target, patch, by, at)
        planned.member = member
        const isMuteSame = member.mutedUntil === target.mutedUntil
        planned.guest = target.member || isMuteSame ? undefined : standing
        if (!target.member || (isMuteSame && member.role === target.member.role)) return null
        const isSame = ownerIds === standing.group.ownerIds
        const { role } = target.member
        const isRoleSame = member.role === role
        const deed = isRoleSame ? null : roleChange(groupId, userId, [role, member.role], by, at)
        return { entries: [updatedEntry(member, deed)], present: [userId], ...(!isSame && { ownerIds }) }
      })
      const { member, guest } = planned
      if (!member) throw unavailable()
      if (guest) await muteGuest(guest, userId, member.mutedUntil)
      return { value: member, changes: logged }
    },

    async remove(deadline, groupId, userId, by, at, options) {
      for (;;) {
        const planned: { alone?: Standing | undefined } = {}
        const logged = await changes.change(groupId, [by.userId, userId], at, deadline, async (standing) => {
          const outcome = removeMember(
            standing.membership(by.userId),
            standing.target(userId),
            standing.memberCount,
            by,
            at,
            options,
          )
          planned.alone = outcome === 'group_deleted' ? standing : undefined
          if (outcome === 'group_deleted') return null
          return outcome.needsHeir
            ? succeeded(standing, userId, by, at)
            : left(standing, userId, by, outcome.ownerIds)
        })
        if (!planned.alone) return { value: 'removed', changes: logged }
        if (await deletions.deleteAlone(planned.alone.doc, at)) return { value: 'group_deleted', changes: [] }
      }
    },
  }

  async function succeeded(
    standing: Standing,
    userId: string,
    by: Caller,
    at: number,
  ): Promise<PeopleChange> {
    const heir = await findHeir(connection, standing, at)
    // Where nobody can become owner, this refuses.
    if (!heir) return left(standing, userId, by, ownersWithout(standing.group, [userId]))
    const { entries, removed } = left(standing, userId, by, [])
    return {
      entries: [updatedEntry({ ...heir, role: 'owner' }), ...entries],
      removed: removed ?? [],
      present: [heir.userId],
      ownerIds: [heir.userId],
    }
  }
}

function left({ group }: Standing, userId: string, by: Caller, ownerIds: readonly string[]): PeopleChange {
  return {
    entries: [removedEntry(userId, by.userId)],
    removed: [userId],
    ...(group.ownerIds.includes(userId) && { ownerIds }),
  }
}

interface Planned {
  readonly request: Adding
  /** Those who come by this request; none when it is refused. */
  readonly members: readonly Member[]
  readonly error?: unknown
}

/** Each request by itself, after those before it: one that is refused leaves no trace in the others. */
function planAdds(standing: Standing, requests: readonly Adding[], maxMembers: number): Planned[] {
  const { group, bannedUntil } = standing
  const isIn = new Set(standing.doc.listed)
  let count = standing.memberCount
  return requests.map((request) => {
    const { userIds, way, by, at } = request
    try {
      // A caller who was told so may have made another change since.
      if (performance.now() > request.deadline) throw unavailable()
      requireMayAdd(standing.membership(by.userId), way, by, at)
      requireNoneBanned(userIds, bannedUntil, by, at)
      const coming = distinct(userIds).filter((userId) => !isIn.has(userId))
      requireRoom(count, coming.length, maxMembers)
      for (const userId of coming) isIn.add(userId)
      count += coming.length
      const members = coming.map((userId) => newMember(group, userId, standing.target(userId).mutedUntil, at))
      return { request, members }
    } catch (error) {
      return { request, members: [], error }
    }
  })
}

function refuse(requests: readonly Adding[], error: unknown): void {
  for (const { reject } of requests) reject(error)
}
