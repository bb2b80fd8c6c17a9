import { blocked } from '../domain/access.ts'
import type { Caller } from '../domain/caller.ts'
import type { GroupWithMembers } from '../domain/group.ts'
import { noMetadata } from '../domain/metadata.ts'
import type { Rates } from '../domain/rates.ts'
import { invalid } from '../domain/validate.ts'
import type { Hub } from '../hub/hub.ts'
import type { Store } from '../store/store.ts'
import { readableGroup } from './access.ts'
import { type NamedGroup, openNamed } from './named-groups.ts'

export interface Direct {
  /**
   * The one chat of the caller and this user. Whoever of the two had hidden it has it in their list again. Throws invalid (oneself),
   * blocked (by the other), rate_limited.
   */
  open(by: Caller, userId: string): Promise<NamedGroup>
}

interface Deps {
  store: Store
  hub: Pick<Hub, 'groupCreated' | 'tellUser'>
  now: () => number
  rates: Pick<Rates, 'direct'>
}

export function createDirect(deps: Deps): Direct {
  const { store, hub, now, rates } = deps

  return {
    async open(by, userId) {
      rates.direct.take(by.userId)
      if (userId === by.userId)
        throw invalid([{ field: 'user_id', message: 'must be of somebody else: a direct chat is of two' }])
      if ((await store.blocks.among(by.userId, [userId])).size) throw blocked()
      // In this order, whoever of the two asks.
      const both = by.userId < userId ? [by.userId, userId] : [userId, by.userId]
      const opened = await openNamed(store, ['direct', ...both], (id) => newChat(id, both, now()))
      const { group, isNew } = opened
      if (isNew) {
        hub.groupCreated(group)
        return opened
      }
      await readableGroup({ store, now }, by, group.id)
      for (const shownTo of await store.preferences.show(group.id))
        hub.tellUser(shownTo, { type: 'group_shown', groupId: group.id })
      return opened
    },
  }
}

const newChat = (id: string, both: readonly string[], at: number): GroupWithMembers => ({
  id,
  number: null,
  kind: 'direct',
  name: '',
  description: '',
  visibility: 'private',
  postPolicy: 'everyone',
  metadata: noMetadata,
  avatarUrl: null,
  retentionDays: null,
  authorizedUserIds: both,
  ownerIds: [],
  createdAt: at,
  updatedAt: at,
})
