import { type Static, Type } from 'typebox'
import { limits } from './limits.ts'
import { Id, Label, Lines, Time, time, UserId } from './text.ts'

/** Times are milliseconds since 1970. */
export interface Group {
  readonly id: string
  readonly name: string
  readonly description: string
  /** The authority on who is a member, in the order given. */
  readonly authorizedUserIds: readonly string[]
  /** null: made by the old service or by hand; only `chat:admin` manages it. */
  readonly ownerId: string | null
  readonly createdAt: number
  readonly updatedAt: number
}

/** What `PUT` may change; a field left out stays as it is. */
export type GroupPatch = Partial<Pick<Group, 'name' | 'description' | 'authorizedUserIds'>>

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
    authorized_user_ids: Type.Array(Type.String()),
    owner_id: Type.Union([Type.String(), Type.Null()]),
    created_at: Time,
    updated_at: Time,
  },
  { title: 'Group' },
)
export type GroupView = Static<typeof GroupView>

export const groupView = (group: Group): GroupView => ({
  id: group.id,
  name: group.name,
  description: group.description,
  authorized_user_ids: [...group.authorizedUserIds],
  owner_id: group.ownerId,
  created_at: time(group.createdAt),
  updated_at: time(group.updatedAt),
})
