import { type Static, Type } from 'typebox'

/** A user as others see them, beside what they do. */
export const PersonView = Type.Object(
  {
    id: Type.String(),
    username: Type.String(),
    display_name: Type.String(),
    avatar_url: Type.Union([Type.String(), Type.Null()]),
  },
  { title: 'Person' },
)
export type PersonView = Static<typeof PersonView>

/** What a user is called now. For somebody of whom nothing is known the id stands for the names. */
export type PersonOf = (userId: string) => PersonView

/** What people are called, which may change. */
export interface People {
  readonly of: PersonOf
  /** Is raised whenever somebody is called otherwise than before. */
  readonly version: number
  /** Whether one of them may be called otherwise than at that version. */
  changedSince(version: number, userIds: readonly string[]): boolean
}

/** The fields that name a user in a view about them. */
export const namedUser = {
  user_id: Type.String(),
  username: Type.String(),
  display_name: Type.String(),
}

/** The values of `namedUser`. */
export function namesOf(personOf: PersonOf, userId: string) {
  const { username, display_name } = personOf(userId)
  return { user_id: userId, username, display_name }
}
