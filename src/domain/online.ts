import { type Static, Type } from 'typebox'
import { personView } from './person.ts'

/** A user who is connected to a group. */
export interface OnlineUser {
  readonly userId: string
  /** The user's open connections in the group, on all instances. */
  readonly connections: number
}

export const OnlineUserView = Type.Object(
  {
    user_id: Type.String(),
    username: Type.String(),
    display_name: Type.String(),
    connections: Type.Integer({ minimum: 1 }),
  },
  { title: 'OnlineUser' },
)

export function onlineUserView({ userId, connections }: OnlineUser): Static<typeof OnlineUserView> {
  const { username, display_name } = personView(userId)
  return { user_id: userId, username, display_name, connections }
}
