import type { Caller } from '../domain/caller.ts'
import { ChatError, notFound } from '../domain/errors.ts'
import {
  type GroupChanges,
  type GroupPatch,
  type GroupSummary,
  type GroupWithMembers,
  type NewGroup,
  summaryOf,
} from '../domain/group.ts'
import type { Rates } from '../domain/rates.ts'
import { distinct } from '../domain/user-list.ts'
import type { Hub } from '../hub/hub.ts'
import type { Store } from '../store/store.ts'
import { readableGroup } from './access.ts'

export interface Groups {
  list(
    by: Caller,
    page: { offset: number; limit: number },
  ): Promise<{ groups: GroupSummary[]; total: number }>
  /** The caller becomes owner and member. Throws rate_limited. */
  create(by: Caller, command: NewGroup): Promise<GroupWithMembers>
  /** Throws not_found, forbidden (members only). */
  read(by: Caller, id: string): Promise<GroupWithMembers>
  /**
   * `ifTag`: the tag of the group that the change is meant for. Throws not_found, forbidden (owner only),
   * precondition_failed, precondition_required, rate_limited.
   */
  change(by: Caller, id: string, command: GroupChanges, ifTag?: string): Promise<GroupWithMembers>
  /** Throws not_found, forbidden (owner only). */
  remove(by: Caller, id: string): Promise<void>
}

export function createGroups(deps: {
  store: Store
  hub: Hub
  now: () => number
  newId: () => string
  rates: Pick<Rates, 'groups'>
}): Groups {
  const { store, hub, now, newId, rates } = deps

  return {
    list: (by, page) => store.groups.list(by.userId, page),

    async create(by, command) {
      rates.groups.take(by.userId)
      const at = now()
      const group: GroupWithMembers = {
        id: newId(),
        name: command.name.normalize('NFC'),
        description: (command.description ?? '').normalize('NFC'),
        authorizedUserIds: distinct([by.userId, ...(command.authorized_user_ids ?? [])]),
        ownerId: by.userId,
        createdAt: at,
        updatedAt: at,
      }
      const { value } = await store.groups.create(group)
      hub.groupCreated(value)
      return value
    },

    async read(by, id) {
      await readableGroup(store, by, id)
      const group = await store.groups.read(id)
      if (group === null) throw notFound('group')
      return group
    },

    async change(by, id, command, ifTag) {
      rates.groups.take(by.userId)
      const { name, description, authorized_user_ids: userIds } = command
      const patch: GroupPatch = {
        ...(name !== undefined && { name: name.normalize('NFC') }),
        ...(description !== undefined && { description: description.normalize('NFC') }),
        ...(userIds !== undefined && { authorizedUserIds: distinct(userIds) }),
      }
      if (!Object.keys(patch).length)
        throw new ChatError('invalid', 'Send at least one of name, description, authorized_user_ids.')
      const { value: group, changes } = await store.groups.update(
        id,
        { ...patch, ...(ifTag !== undefined && { ifTag }) },
        by,
        now(),
      )
      for (const change of changes) hub.change(change, { group: summaryOf(group) })
      return group
    },

    async remove(by, id) {
      await store.groups.delete(id, by)
      hub.groupDeleted(id)
    },
  }
}
