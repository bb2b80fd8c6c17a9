import type { Caller } from '../domain/caller.ts'
import { ChatError } from '../domain/errors.ts'
import type { Group, GroupChanges, GroupPatch, GroupSummary, NewGroup } from '../domain/group.ts'
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
  create(by: Caller, command: NewGroup): Promise<Group>
  /** Throws not_found, forbidden (members only). */
  read(by: Caller, id: string): Promise<Group>
  /**
   * `ifTag`: the tag of the group that the change is meant for. Throws not_found, forbidden (owner only),
   * precondition_failed, precondition_required, rate_limited.
   */
  change(by: Caller, id: string, command: GroupChanges, ifTag?: string): Promise<Group>
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
      const group: Group = {
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

    read: (by, id) => readableGroup(store, by, id),

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
      for (const change of changes) hub.change(change, { group })
      return group
    },

    async remove(by, id) {
      await store.groups.delete(id, by)
      hub.groupDeleted(id)
    },
  }
}
