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

/** The issuer of the tokens knows people's names, and this service does not: a user's id stands for their names. */
export const personView = (userId: string): PersonView => ({
  id: userId,
  username: userId,
  display_name: userId,
  avatar_url: null,
})
