import type { Caller } from '../domain/caller.ts'
import { ChatError, notFound } from '../domain/errors.ts'
import type { GroupSummary } from '../domain/group.ts'
import type { Member, MemberChanges } from '../domain/member.ts'
import type { Rates } from '../domain/rates.ts'
import { instant } from '../domain/text.ts'
import { distinct } from '../domain/user-list.ts'
import { invalid } from '../domain/validate.ts'
import type { Hub } from '../hub/hub.ts'
import type { MemberPage, MemberQuery, RemoveOptions } from '../store/members.ts'
import type { Store } from '../store/store.ts'
import type { Written } from '../store/written.ts'
import { membershipFor } from './access.ts'
import { withoutBlockers } from './blocks.ts'
import { requirePassing } from './rooms.ts'

export interface Members {
  /** Throws not_found, banned, forbidden (who may not read the group), malformed (`after`). */
  list(by: Caller, groupId: string, query: MemberQuery): Promise<MemberPage>
  /** Tells of users whether they have a connection in the group, on whatever instance. */
  online(groupId: string): (userId: string) => boolean
  /**
   * Makes users members, all or none; who has blocked the caller is passed over. Resolves to those who were none. Throws not_found, banned, forbidden (admins), user_banned,
   * group_full, rate_limited.
   */
  add(by: Caller, groupId: string, userIds: readonly string[]): Promise<readonly Member[]>
  /** Makes the caller a member of an open group. Throws not_found, banned, forbidden (a private group), group_full, rate_limited. */
  join(by: Caller, groupId: string): Promise<GroupSummary>
  /** Makes a guest of an open group a member, because they have written there. What is in the way of that is passed over. */
  joinAsWriter(by: Caller, groupId: string): Promise<void>
  /**
   * Changes role or mute. Throws invalid, not_found (also: no such member), banned, forbidden (roles: owners; mutes: those of
   * higher roles), last_owner, limit_reached, rate_limited.
   */
  change(by: Caller, groupId: string, userId: string, command: MemberChanges): Promise<Member>
  /**
   * Ends a membership, one's own or another's; of a direct chat it is only hidden. The group is deleted with an owner who is alone in it. Throws not_found (also: no
   * such member), banned, forbidden (admins, of lower roles), last_owner, rate_limited.
   */
  remove(by: Caller, groupId: string, userId: string, options?: RemoveOptions): Promise<void>
}

interface Deps {
  store: Pick<Store, 'groups' | 'members' | 'blocks'>
  hub: Pick<Hub, 'change' | 'groupDeleted' | 'online'>
  now: () => number
  rates: Pick<Rates, 'groups' | 'joins'>
  /** Leaves a direct chat; false for any other group. */
  leaveDirect(by: Caller, groupId: string): Promise<boolean>
}

export function createMembers(deps: Deps): Members {
  const { store, hub, now, rates, leaveDirect } = deps

  function told<T>({ value, changes }: Written<T>): T {
    for (const change of changes) hub.change(change, {})
    return value
  }

  return {
    async list(by, groupId, query) {
      await membershipFor('seeMembers', deps, by, groupId)
      const page = await store.members.list(groupId, query)
      if (page === null) throw notFound('group')
      return page
    },

    online(groupId) {
      const online = hub.online(groupId)
      return (userId) => online.connectionsOf(userId) > 0
    },

    async add(by, groupId, userIds) {
      rates.groups.take(by.userId)
      const asked = distinct(userIds)
      const added = await withoutBlockers(store, by, asked)
      // Whether the caller may add at all is told as if nobody had blocked them.
      if (!added.length && asked.length) await membershipFor('moderate', deps, by, groupId)
      return added.length ? told(await store.members.add(groupId, added, 'added', by, now())) : []
    },

    async join(by, groupId) {
      rates.joins.take(by.userId)
      told(await store.members.add(groupId, [by.userId], 'joined', by, now()))
      const group = await store.groups.readSummary(groupId)
      if (group === null) throw notFound('group')
      return group
    },

    async joinAsWriter(by, groupId) {
      if ((await store.members.read(groupId, by.userId))?.member !== null) return
      try {
        told(await store.members.add(groupId, [by.userId], 'joined', by, now()))
      } catch (error) {
        if (!(error instanceof ChatError)) throw error
      }
    },

    async change(by, groupId, userId, { role, muted_until: mutedUntil }) {
      rates.groups.take(by.userId)
      if (role === undefined && mutedUntil === undefined)
        throw invalid([{ field: '', message: 'Send at least one of role, muted_until' }])
      if (role === 'owner') requirePassing(groupId)
      const patch = {
        ...(role !== undefined && { role }),
        ...(mutedUntil !== undefined && {
          mutedUntil: mutedUntil === null ? null : instant('muted_until', mutedUntil),
        }),
      }
      return told(await store.members.change(groupId, userId, patch, by, now()))
    },

    async remove(by, groupId, userId, options) {
      rates.groups.take(by.userId)
      if (userId === by.userId && (await leaveDirect(by, groupId))) return
      const outcome = told(await store.members.remove(groupId, userId, by, now(), options))
      if (outcome === 'group_deleted') hub.groupDeleted(groupId)
    },
  }
}
