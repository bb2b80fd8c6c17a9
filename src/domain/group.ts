import { type Static, type TSchema, Type } from 'typebox'
import { ChatError } from './errors.ts'
import { limits } from './limits.ts'
import { Metadata } from './metadata.ts'
import { Id, Label, Lines, Text, Time, time, UserId } from './text.ts'

/** A direct chat is of its two people for good. */
export const GroupKind = Type.Enum(['group', 'direct'])
export type GroupKind = Static<typeof GroupKind>

/** Anybody with a valid token may read, write in and join an open group. */
export const Visibility = Type.Enum(['private', 'open'])
export type Visibility = Static<typeof Visibility>

export const PostPolicy = Type.Enum(['everyone', 'admins'])
export type PostPolicy = Static<typeof PostPolicy>

/** Times are milliseconds since 1970. */
export interface Group {
  readonly id: string
  /** 1, 2, 3, ... for good, unique over all instances; null until an old group got its number. */
  readonly number: number | null
  readonly kind: GroupKind
  /** Empty for a direct chat. */
  readonly name: string
  readonly description: string
  readonly visibility: Visibility
  readonly postPolicy: PostPolicy
  /** The clients' own, at most `limits.metadata` bytes of JSON. */
  readonly metadata: Metadata
  readonly avatarUrl: string | null
  /** null: the service's own setting. */
  readonly retentionDays: number | null
  /**
   * The longest-serving first. There is none in a group that the old service made, or somebody by hand, and in a direct chat;
   * only `chat:admin` manages such a group.
   */
  readonly ownerIds: readonly string[]
  readonly createdAt: number
  readonly updatedAt: number
}

/** A group with all of its members. The list may be long, so this is only for callers that want all of it, or give it. */
export interface GroupWithMembers extends Group {
  /** The authority on who is a member, in the order given. */
  readonly authorizedUserIds: readonly string[]
}

/** A group as lists and events show it. */
export interface GroupSummary extends Group {
  /** The first members, at most `limits.listedMembers` of them. */
  readonly authorizedUserIds: readonly string[]
  readonly memberCount: number
}

export const summaryOf = (group: GroupWithMembers): GroupSummary => ({
  ...group,
  authorizedUserIds: group.authorizedUserIds.slice(0, limits.listedMembers),
  memberCount: group.authorizedUserIds.length,
})

/** The part of a group that its listeners are told. */
export type GroupName = Pick<Group, 'id' | 'name'>

/** What any admin may change. */
export type GroupDescription = Pick<Group, 'name' | 'description' | 'avatarUrl' | 'metadata'>

/** What only owners may change. */
export type GroupSettings = Pick<Group, 'visibility' | 'postPolicy' | 'retentionDays'>

/** What `PUT` may change; a field left out stays as it is. */
export interface GroupPatch
  extends Partial<
    GroupDescription & GroupSettings & Pick<GroupWithMembers, 'authorizedUserIds' | 'avatarUrl'>
  > {
  /** The tag of the group that the change is meant for, as its caller read it. */
  readonly ifTag?: string
}

/** True when the patch holds what only owners may change, so that the right to describe the group is not enough. */
export const isForOwners = ({
  visibility,
  postPolicy,
  retentionDays,
  authorizedUserIds,
}: GroupPatch): boolean =>
  [visibility, postPolicy, retentionDays, authorizedUserIds].some((given) => given !== undefined)

/** True when the two differ in what `group_updated` tells. */
export const isToldApart = (one: Group, other: Group): boolean => told(one) !== told(other)

const told = (group: Group): string =>
  JSON.stringify([
    group.name,
    group.description,
    group.visibility,
    group.postPolicy,
    group.metadata,
    group.avatarUrl,
    group.retentionDays,
  ])

/** 16 hex digits that change with all that `PUT` may change. FNV-1a, twice, is enough, because the tag keeps no secret. */
export function groupTag(group: GroupWithMembers): string {
  const text = told(group) + JSON.stringify(group.authorizedUserIds)
  let [one, two] = [0x811c9dc5, 0x01000193]
  for (let i = 0; i < text.length; i++) {
    one = Math.imul(one ^ text.charCodeAt(i), 0x01000193)
    two = Math.imul(two ^ text.charCodeAt(text.length - 1 - i), 0x5bd1e995)
  }
  return [one, two].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
}

/**
 * A client that puts back the list of members as it read it in a list of groups must not remove everybody else. Throws
 * precondition_required, precondition_failed (the group was changed since it was read).
 */
export function requireSeen(group: GroupWithMembers, { ifTag, authorizedUserIds }: GroupPatch): void {
  if (ifTag !== undefined && ifTag !== groupTag(group))
    throw new ChatError('precondition_failed', 'The group was changed since you read it: read it again.')
  if (ifTag === undefined && authorizedUserIds && group.authorizedUserIds.length > limits.listedMembers)
    throw new ChatError(
      'precondition_required',
      `The group has more than ${limits.listedMembers} members: read it (GET), and send its ETag as If-Match with the whole list.`,
    )
}

/** Throws group_full when `added` more would be too many. */
export function requireRoom(memberCount: number, added: number, maxMembers: number): void {
  if (added > 0 && memberCount + added > maxMembers)
    throw new ChatError('group_full', `The group can have ${maxMembers} members, and has ${memberCount}.`)
}

const name = Label({ maxLength: limits.groupName })
const description = Lines({ maxLength: limits.groupDescription })
const userIds = Type.Array(UserId, { maxItems: limits.groupMembers })
const retentionDays = Type.Union([Type.Integer({ minimum: 1, maximum: 36_500 }), Type.Null()])

const settings = {
  visibility: Type.Optional(Visibility),
  post_policy: Type.Optional(PostPolicy),
  metadata: Type.Optional(Metadata),
  retention_days: Type.Optional(retentionDays),
}

export const NewGroup = Type.Object(
  {
    name,
    key: Type.Optional(
      Text({
        maxLength: limits.groupKey,
        description:
          "The caller's own name for the group: with one that was used before, that group is the answer.",
      }),
    ),
    description: Type.Optional(description),
    authorized_user_ids: Type.Optional(userIds),
    ...settings,
  },
  { title: 'NewGroup', examples: [{ name: 'Tea', visibility: 'open', metadata: { colour: 'green' } }] },
)
export type NewGroup = Static<typeof NewGroup>

export const GroupChanges = Type.Object(
  {
    name: Type.Optional(name),
    description: Type.Optional(description),
    authorized_user_ids: Type.Optional(userIds),
    ...settings,
  },
  { title: 'GroupChanges', examples: [{ post_policy: 'admins', retention_days: 90 }] },
)
export type GroupChanges = Static<typeof GroupChanges>

const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

export const groupExample = {
  id: '65920080c0ffee0000000001',
  number: 7,
  kind: 'group',
  name: 'Tea',
  description: '',
  visibility: 'open',
  post_policy: 'everyone',
  metadata: { colour: 'green' },
  avatar_url: null,
  retention_days: null,
  authorized_user_ids: ['alice', 'bob'],
  member_count: 2,
  owner_id: 'alice',
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
}

export const GroupView = Type.Object(
  {
    id: Id,
    number: orNull(Type.Integer({ minimum: 1 })),
    kind: GroupKind,
    name: orNull(Type.String()),
    description: Type.String(),
    visibility: Visibility,
    post_policy: PostPolicy,
    metadata: Metadata,
    avatar_url: orNull(Type.String()),
    retention_days: retentionDays,
    authorized_user_ids: Type.Array(Type.String(), {
      description: 'In lists the first 100 members only, in the order of joining.',
    }),
    user_ids: Type.Optional(
      Type.Array(Type.String(), {
        description: 'The two of a direct chat, whether it is hidden to them or not.',
      }),
    ),
    member_count: Type.Integer({ minimum: 0 }),
    owner_id: orNull(Type.String()),
    created_at: Time,
    updated_at: Time,
  },
  { title: 'Group', examples: [groupExample] },
)
export type GroupView = Static<typeof GroupView>

export const groupView = (group: GroupWithMembers | GroupSummary): GroupView => ({
  id: group.id,
  number: group.number,
  kind: group.kind,
  name: group.kind === 'direct' ? null : group.name,
  description: group.description,
  visibility: group.visibility,
  post_policy: group.postPolicy,
  metadata: group.metadata,
  avatar_url: group.avatarUrl,
  retention_days: group.retentionDays,
  authorized_user_ids: [...group.authorizedUserIds],
  ...(group.kind === 'direct' && { user_ids: [...group.authorizedUserIds] }),
  member_count: 'memberCount' in group ? group.memberCount : group.authorizedUserIds.length,
  owner_id: group.ownerIds[0] ?? null,
  created_at: time(group.createdAt),
  updated_at: time(group.updatedAt),
})
