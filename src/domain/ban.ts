import { type Static, Type } from 'typebox'
import { limits } from './limits.ts'
import { namedUser, namesOf, type PersonOf } from './person.ts'
import { Lines, Time, time } from './text.ts'

/** Somebody who may neither be in a group nor hear it, whether they ever were in it or not. Times are milliseconds since 1970. */
export interface Ban {
  readonly userId: string
  readonly reason: string
  /** From then on the ban counts no more; null for one that stays until it is taken back. */
  readonly until: number | null
  readonly createdAt: number
  readonly createdBy: string
}

/** True while the ban counts. Nobody is told when it ends: the next request succeeds. */
export const isActive = (ban: Pick<Ban, 'until'> | null, now: number): boolean =>
  ban !== null && (ban.until === null || ban.until > now)

/** What is given of a ban. */
export type BanTerms = Pick<Ban, 'reason' | 'until'>

export const NewBan = Type.Object(
  {
    reason: Type.Optional(Lines({ maxLength: limits.banReason })),
    until: Type.Optional(Type.Union([Time, Type.Null()])),
  },
  { title: 'NewBan', examples: [{ reason: 'Spam', until: '2030-01-01T00:00:00Z' }] },
)
export type NewBan = Static<typeof NewBan>

export const banExample = {
  user_id: 'mallory',
  username: 'mallory',
  display_name: 'mallory',
  reason: 'Spam',
  until: null,
  created_at: '2026-01-01T00:00:00.000Z',
  created_by: 'alice',
}

export const BanView = Type.Object(
  {
    ...namedUser,
    reason: Type.String(),
    until: Type.Union([Time, Type.Null()]),
    created_at: Time,
    created_by: Type.String(),
  },
  { title: 'Ban', examples: [banExample] },
)
export type BanView = Static<typeof BanView>

export function banView({ userId, reason, until, createdAt, createdBy }: Ban, personOf: PersonOf): BanView {
  return {
    ...namesOf(personOf, userId),
    reason,
    until: until === null ? null : time(until),
    created_at: time(createdAt),
    created_by: createdBy,
  }
}
