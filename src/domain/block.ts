import { type Static, Type } from 'typebox'
import { namedUser, namesOf, type PersonOf } from './person.ts'
import { Time, time } from './text.ts'

/**
 * Somebody whom a user does not want to hear from: they can neither open nor write the direct chat of the two, nor add the user to
 * groups, and their mentions neither call the user nor count. In groups nothing is hidden.
 */
export interface Block {
  readonly userId: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

export const blockExample = {
  user_id: 'mallory',
  username: 'mallory',
  display_name: 'Mallory',
  created_at: '2026-01-01T00:00:00.000Z',
}

export const BlockView = Type.Object(
  { ...namedUser, created_at: Time },
  { title: 'Block', examples: [blockExample] },
)
export type BlockView = Static<typeof BlockView>

export const blockView = ({ userId, createdAt }: Block, personOf: PersonOf): BlockView => ({
  ...namesOf(personOf, userId),
  created_at: time(createdAt),
})
