import type { Caller } from '../domain/caller.ts'
import { ChatError, notFound } from '../domain/errors.ts'
import {
  GroupChanges,
  type GroupPatch,
  type GroupSummary,
  type GroupWithMembers,
  type NewGroup,
  summaryOf,
} from '../domain/group.ts'
import type { GroupListing } from '../domain/group-list.ts'
import { noMetadata } from '../domain/metadata.ts'
import type { Rates } from '../domain/rates.ts'
import { distinct } from '../domain/user-list.ts'
import type { Hub } from '../hub/hub.ts'
import type { Store } from '../store/store.ts'
import { readableGroup } from './access.ts'
import { withoutBlockers } from './blocks.ts'
import { type NamedGroup, openNamed } from './named-groups.ts'
import { lastingRoom, requirePassing } from './rooms.ts'

export interface Groups {
  list(by: Caller, listing: GroupListing): Promise<{ groups: GroupSummary[]; total: number }>
  /** The open groups that the caller is not banned from, and which of them the caller is in. */
  listOpen(
    by: Caller,
    listing: GroupListing,
  ): Promise<{ groups: GroupSummary[]; total: number; own: ReadonlySet<string> }>
  /**
   * The caller becomes owner and member. With a `key` that they used before, and whose group is still there, that is the answer, as it
   * is by now. Throws group_full, rate_limited; of a group that is there already also banned, forbidden (who may not read it).
   */
  create(by: Caller, command: NewGroup): Promise<NamedGroup>
  /** Throws not_found, banned, forbidden. */
  read(by: Caller, id: string): Promise<GroupWithMembers>
  /**
   * `ifTag`: the tag of the group that the change is meant for. Throws not_found, banned, forbidden (what describes the group:
   * admins, the rest: owners), user_banned, last_owner, group_full, precondition_failed, precondition_required, rate_limited.
   */
  change(by: Caller, id: string, command: GroupChanges, ifTag?: string): Promise<GroupWithMembers>
  /** Throws not_found, banned, forbidden (owners). */
  remove(by: Caller, id: string): Promise<void>
  /** The group as one is told it who was made a member; null for who is none. */
  joined(by: Caller, id: string): Promise<GroupSummary | null>
}

export function createGroups(deps: {
  store: Store
  hub: Hub
  now: () => number
  newId: () => string
  rates: Pick<Rates, 'groups'>
  /** A group keeps its messages for other days than before. */
  wantRetention(): void
}): Groups {
  const { store, hub, now, newId, rates, wantRetention } = deps

  /** Who has blocked the caller is not added. Who is a member already stays. */
  async function withoutNewBlockers(by: Caller, id: string, patch: GroupPatch): Promise<GroupPatch> {
    const { authorizedUserIds } = patch
    if (!authorizedUserIds) return patch
    const reachable = new Set(await withoutBlockers(store, by, authorizedUserIds))
    const blockers = authorizedUserIds.filter((userId) => !reachable.has(userId))
    if (!blockers.length) return patch
    const members = (await store.members.among(id, blockers))?.userIds
    return {
      ...patch,
      authorizedUserIds: authorizedUserIds.filter((userId) => reachable.has(userId) || members?.has(userId)),
    }
  }

  return {
    list: (by, listing) => store.groups.list(by.userId, listing),

    async listOpen({ userId }, listing) {
      const page = await store.groups.listOpen(userId, listing, now())
      const ids = page.groups.map(({ id }) => id)
      const own = ids.length ? await store.groups.listNames(userId, ids) : []
      return { ...page, own: new Set(own.map(({ id }) => id)) }
    },

    async create(by, command) {
      rates.groups.take(by.userId)
      const at = now()
      const others = await withoutBlockers(store, by, command.authorized_user_ids ?? [])
      const make = (id: string): GroupWithMembers => ({
        id,
        number: null,
        kind: 'group',
        name: command.name.normalize('NFC'),
        description: (command.description ?? '').normalize('NFC'),
        visibility: command.visibility ?? 'private',
        postPolicy: command.post_policy ?? 'everyone',
        metadata: command.metadata ?? noMetadata,
        avatarUrl: null,
        retentionDays: command.retention_days ?? null,
        authorizedUserIds: distinct([by.userId, ...others]),
        ownerIds: [by.userId],
        createdAt: at,
        updatedAt: at,
      })
      const { key } = command
      const opened =
        key === undefined
          ? { group: (await store.groups.create(make(newId()))).value, isNew: true }
          : await openNamed(store, ['key', by.userId, key], make)
      if (opened.isNew) hub.groupCreated(opened.group)
      else await readableGroup({ store, now }, by, opened.group.id)
      return opened
    },

    async read(by, id) {
      await readableGroup({ store, now }, by, id)
      const group = await store.groups.read(id)
      if (group === null) throw notFound('group')
      return group
    },

    async change(by, id, command, ifTag) {
      rates.groups.take(by.userId)
      const patch = patchOf(command)
      if (patch.name !== undefined && patch.name !== lastingRoom) requirePassing(id)
      if (!Object.keys(patch).length)
        throw new ChatError(
          'invalid',
          `Send at least one of ${Object.keys(GroupChanges.properties).join(', ')}.`,
        )
      const { value: group, changes } = await store.groups.update(
        id,
        { ...(await withoutNewBlockers(by, id, patch)), ...(ifTag !== undefined && { ifTag }) },
        by,
        now(),
      )
      for (const change of changes) hub.change(change, { group: summaryOf(group) })
      if (patch.retentionDays !== undefined) wantRetention()
      return group
    },

    async remove(by, id) {
      requirePassing(id)
      await store.groups.delete(id, by, now())
      hub.groupDeleted(id)
    },

    async joined({ userId }, id) {
      const membership = await store.members.read(id, userId)
      return membership?.member ? store.groups.readSummary(id) : null
    },
  }
}

function patchOf(command: GroupChanges): GroupPatch {
  const { name, description, authorized_user_ids: userIds } = command
  const { visibility, post_policy: postPolicy, metadata, retention_days: retentionDays } = command
  return {
    ...(name !== undefined && { name: name.normalize('NFC') }),
    ...(description !== undefined && { description: description.normalize('NFC') }),
    ...(visibility !== undefined && { visibility }),
    ...(postPolicy !== undefined && { postPolicy }),
    ...(metadata !== undefined && { metadata }),
    ...(retentionDays !== undefined && { retentionDays }),
    ...(userIds !== undefined && { authorizedUserIds: distinct(userIds) }),
  }
}
