import type { Caller } from '../domain/caller.ts'
import type { Group } from '../domain/group.ts'
import { type Preferences as Chosen, type PreferenceChanges, preferencesIn } from '../domain/preference.ts'
import type { Rates } from '../domain/rates.ts'
import { invalid } from '../domain/validate.ts'
import type { Hub } from '../hub/hub.ts'
import type { Store } from '../store/store.ts'

export interface Preferences {
  /** Changes how the caller sees the group, and tells their own sockets. Throws invalid, not_found, banned, forbidden (members), rate_limited. */
  change(by: Caller, groupId: string, changes: PreferenceChanges): Promise<Chosen>
  /** The groups, each with how the caller sees it; at most 1,000. */
  withOwn<G extends Pick<Group, 'id' | 'kind'>>(
    by: Caller,
    groups: readonly G[],
  ): Promise<{ group: G; own: Chosen }[]>
  /**
   * Leaving a direct chat is hiding it: both stay in it, and it comes back with its next message. Resolves to false for any other group,
   * with which nothing is done. Throws banned, forbidden (members).
   */
  leave(by: Caller, groupId: string): Promise<boolean>
}

interface Deps {
  store: Pick<Store, 'preferences' | 'members'>
  hub: Pick<Hub, 'tellUser' | 'groupHidden'>
  now: () => number
  rates: Pick<Rates, 'groups'>
}

export function createPreferences({ store, hub, now, rates }: Deps): Preferences {
  async function isDirect({ userId }: Caller, groupId: string): Promise<boolean> {
    const membership = await store.members.read(groupId, userId)
    return membership?.group.kind === 'direct'
  }

  return {
    async change(by, groupId, { notify, pinned, hidden }) {
      rates.groups.take(by.userId)
      const changes = {
        ...(notify !== undefined && { notify }),
        ...(pinned !== undefined && { pinned }),
        ...(hidden !== undefined && { hidden }),
      }
      if (!Object.keys(changes).length)
        throw invalid([{ field: '', message: 'Send at least one of notify, pinned, hidden' }])
      const { value: preferences } = await store.preferences.change(groupId, changes, by, now())
      hub.tellUser(by.userId, { type: 'preferences', groupId, preferences })
      if (hidden === false) hub.tellUser(by.userId, { type: 'group_opened', groupId })
      if (hidden && (await isDirect(by, groupId))) hub.groupHidden(by.userId, groupId)
      return preferences
    },

    async withOwn({ userId }, groups) {
      const ids = groups.map(({ id }) => id)
      const chosen = ids.length ? await store.preferences.ofUser(userId, ids) : new Map()
      return groups.map((group) => ({ group, own: preferencesIn(group.kind, chosen.get(group.id)) }))
    },

    async leave(by, groupId) {
      if (!(await isDirect(by, groupId))) return false
      await store.preferences.change(groupId, { hidden: true }, by, now())
      hub.groupHidden(by.userId, groupId)
      return true
    },
  }
}
