import { type Static, Type } from 'typebox'
import { ChatError } from './errors.ts'
import { limits } from './limits.ts'
import { Id, Label, Lines, Time, time, UserId } from './text.ts'

/** Times are milliseconds since 1970. */
export interface Group {
  readonly id: string
  readonly name: string
  readonly description: string
  /** null for a group that the old service made, or somebody by hand. Only `chat:admin` manages such a group. */
  readonly ownerId: string | null
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

/** What `PUT` may change; a field left out stays as it is. */
export interface GroupPatch
  extends Partial<Pick<GroupWithMembers, 'name' | 'description' | 'authorizedUserIds'>> {
  /** The tag of the group that the change is meant for, as its caller read it. */
  readonly ifTag?: string
}

/** 16 hex digits that change with all that `PUT` may change. FNV-1a, twice, is enough, because the tag keeps no secret. */
export function groupTag({ name, description, authorizedUserIds }: GroupWithMembers): string {
  const text = JSON.stringify([name, description, authorizedUserIds])
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

const name = Label({ maxLength: limits.groupName })
const description = Lines({ maxLength: limits.groupDescription })
const userIds = Type.Array(UserId, { maxItems: limits.groupMembers })

export const NewGroup = Type.Object(
  { name, description: Type.Optional(description), authorized_user_ids: Type.Optional(userIds) },
  { title: 'NewGroup' },
)
export type NewGroup = Static<typeof NewGroup>

export const GroupChanges = Type.Object(
  {
    name: Type.Optional(name),
    description: Type.Optional(description),
    authorized_user_ids: Type.Optional(userIds),
  },
  { title: 'GroupChanges' },
)
export type GroupChanges = Static<typeof GroupChanges>

export const GroupView = Type.Object(
  {
    id: Id,
    name: Type.String(),
    description: Type.String(),
    authorized_user_ids: Type.Array(Type.String(), {
      description: 'In lists the first 100 members only.',
    }),
    member_count: Type.Integer({ minimum: 0 }),
    owner_id: Type.Union([Type.String(), Type.Null()]),
    created_at: Time,
    updated_at: Time,
  },
  { title: 'Group' },
)
export type GroupView = Static<typeof GroupView>

export const groupView = (group: GroupWithMembers | GroupSummary): GroupView => ({
  id: group.id,
  name: group.name,
  description: group.description,
  authorized_user_ids: [...group.authorizedUserIds],
  member_count: 'memberCount' in group ? group.memberCount : group.authorizedUserIds.length,
  owner_id: group.ownerId,
  created_at: time(group.createdAt),
  updated_at: time(group.updatedAt),
})
