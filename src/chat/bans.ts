import { type Ban, isActive, type NewBan } from '../domain/ban.ts'
import type { Caller } from '../domain/caller.ts'
import { notFound } from '../domain/errors.ts'
import type { Rates } from '../domain/rates.ts'
import { instant } from '../domain/text.ts'
import { invalid } from '../domain/validate.ts'
import type { Hub } from '../hub/hub.ts'
import type { Store } from '../store/store.ts'

export interface Bans {
  /** The bans that count now, oldest first. Throws not_found, banned, forbidden (admins). */
  list(by: Caller, groupId: string): Promise<readonly Ban[]>
  /**
   * Bans a user, a member or not, or replaces the terms of their ban. The user hears no more of the group, on any instance.
   * Throws invalid (oneself, or a ban that would be over already), not_found, banned, forbidden (admins, of lower roles),
   * limit_reached, rate_limited.
   */
  put(by: Caller, groupId: string, userId: string, command: NewBan): Promise<Ban>
  /**
   * Takes a ban back and tells the user. Membership does not come back by itself. Throws not_found (also: no such ban), banned,
   * forbidden (admins), rate_limited.
   */
  remove(by: Caller, groupId: string, userId: string): Promise<void>
}

interface Deps {
  store: Pick<Store, 'bans'>
  hub: Pick<Hub, 'change' | 'tellUser'>
  now: () => number
  rates: Pick<Rates, 'groups'>
}

export function createBans({ store, hub, now, rates }: Deps): Bans {
  return {
    list: (by, groupId) => store.bans.list(groupId, by, now()),

    async put(by, groupId, userId, { reason = '', until: given = null }) {
      rates.groups.take(by.userId)
      if (userId === by.userId)
        throw invalid([{ field: 'user_id', message: 'must be of somebody else: nobody bans themselves' }])
      const at = now()
      const until = given === null ? null : instant('until', given)
      if (!isActive({ until }, at)) throw invalid([{ field: 'until', message: 'must be in the future' }])
      const terms = { reason: reason.normalize('NFC'), until }
      const { value: ban, changes } = await store.bans.put(groupId, userId, terms, by, at)
      for (const change of changes) hub.change(change, {})
      return ban
    },

    async remove(by, groupId, userId) {
      rates.groups.take(by.userId)
      const { value: wasBanned, changes } = await store.bans.remove(groupId, userId, by, now())
      if (!wasBanned) throw notFound('ban')
      for (const change of changes) hub.change(change, {})
      hub.tellUser(userId, { type: 'unbanned', groupId })
    },
  }
}
