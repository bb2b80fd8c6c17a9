import type { Caller } from '../domain/caller.ts'
import { notFound } from '../domain/errors.ts'
import type { GroupSummary, GroupWithMembers } from '../domain/group.ts'
import {
  defaultInviteSeconds,
  type Invite,
  isInviteCode,
  type NewInvite,
  requireUsable,
} from '../domain/invite.ts'
import type { Rates } from '../domain/rates.ts'
import type { Hub } from '../hub/hub.ts'
import type { Store } from '../store/store.ts'
import { newInviteCode } from './ids.ts'

export interface Invites {
  /** Throws not_found, banned, forbidden (admins), limit_reached, rate_limited. */
  create(by: Caller, groupId: string, command: NewInvite): Promise<Invite>
  /** The group's invites that are in their time, oldest first. Throws not_found, banned, forbidden (admins). */
  list(by: Caller, groupId: string): Promise<readonly Invite[]>
  /** Takes an invite back. Throws not_found (also: no such invite), banned, forbidden (admins). */
  revoke(by: Caller, groupId: string, code: string): Promise<void>
  /** What the invite is to, for anybody who has its code. Throws not_found, invite_expired. */
  read(code: string): Promise<{ invite: Invite; group: GroupSummary }>
  /**
   * The caller comes into the group, unless they are in it already. Any text that is the code of no invite is not_found. Throws
   * not_found, banned, invite_expired, group_full, rate_limited.
   */
  accept(by: Caller, code: string): Promise<GroupWithMembers>
}

interface Deps {
  store: Store
  hub: Pick<Hub, 'change'>
  now: () => number
  rates: Pick<Rates, 'joins'>
}

export function createInvites({ store, hub, now, rates }: Deps): Invites {
  return {
    async create(by, groupId, { expires_in = defaultInviteSeconds, max_uses = null }) {
      rates.joins.take(by.userId)
      const createdAt = now()
      const invite: Invite = {
        code: newInviteCode(),
        groupId,
        createdBy: by.userId,
        byOperator: by.admin,
        createdAt,
        expiresAt: createdAt + expires_in * 1_000,
        maxUses: max_uses,
        uses: 0,
      }
      return (await store.invites.create(invite, by)).value
    },

    list: (by, groupId) => store.invites.list(groupId, by, now()),

    async revoke(by, groupId, code) {
      const { value: wasThere } = await store.invites.remove(groupId, code, by, now())
      if (!wasThere) throw notFound('invite')
    },

    async read(code) {
      const invite = isInviteCode(code) ? await store.invites.read(code) : null
      if (!invite) throw notFound('invite')
      const [maker, group] = await Promise.all([
        store.members.read(invite.groupId, invite.createdBy),
        store.groups.readSummary(invite.groupId),
      ])
      if (!group) throw notFound('invite')
      requireUsable(invite, maker, now())
      return { invite, group }
    },

    async accept(by, code) {
      rates.joins.take(by.userId)
      if (!isInviteCode(code)) throw notFound('invite')
      const { value: groupId, changes } = await store.invites.accept(code, by, now())
      for (const change of changes) hub.change(change, {})
      const group = await store.groups.read(groupId)
      if (!group) throw notFound('group')
      return group
    },
  }
}
