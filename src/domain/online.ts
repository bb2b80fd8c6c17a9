import { type Static, Type } from 'typebox'
import { namedUser, namesOf, type PersonOf } from './person.ts'

/** A user who is connected to a group. */
export interface OnlineUser {
  readonly userId: string
  /** The user's open connections in the group, on all instances. */
  readonly connections: number
}

export const OnlineUserView = Type.Object(
  {
    ...namedUser,
    connections: Type.Integer({ minimum: 1 }),
  },
  { title: 'OnlineUser' },
)

export const onlineUserView = (
  { userId, connections }: OnlineUser,
  personOf: PersonOf,
): Static<typeof OnlineUserView> => ({ ...namesOf(personOf, userId), connections })
