import { type Static, Type } from 'typebox'
import type { Role } from './member.ts'
import { namedUser, namesOf, type PersonOf } from './person.ts'
import { Time, time } from './text.ts'
import { invalid } from './validate.ts'

/** A member has read a group up to a message. Who sends has read all up to their own. */
export interface ReadMark {
  readonly userId: string
  readonly seq: number
  /** When that was, in milliseconds since 1970. */
  readonly at: number
}

/** A group, as one user has read it. */
export interface Reading {
  /** null for somebody who is no member: for them all is read. */
  readonly role: Role | null
  /** The number of the group's last message. */
  readonly seq: number
  /** When that was sent, in milliseconds since 1970, also when it was deleted since; null when there never was one. */
  readonly lastMessageAt: number | null
  /** All up to here is read. */
  readonly readSeq: number
  /** The messages after that which are neither deleted nor the user's own. */
  readonly unreadCount: number
}

/** A group, as one user stands to it. */
export interface Standing extends Reading {
  /** The unread messages that mention the user. */
  readonly mentionCount: number
}

/** How far a member is known to have read: `at` is null for one who never said so, and has read all up to their joining. */
export interface KnownMark {
  readonly seq: number
  readonly at: number | null
}

/** False when the mark is no news: a mark never goes back. Throws invalid beyond the group's last message. */
export function movesMark(present: KnownMark, seq: number, head: number): boolean {
  if (seq > head)
    throw invalid([{ field: 'seq', message: `must not be higher than ${head}, the last message's` }])
  return seq > present.seq || (seq === present.seq && present.at === null)
}

export const NewReadMark = Type.Object(
  { seq: Type.Integer({ minimum: 0, description: 'All messages up to this one are read.' }) },
  { title: 'NewReadMark', examples: [{ seq: 42 }] },
)
export type NewReadMark = Static<typeof NewReadMark>

const count = Type.Integer({ minimum: 0 })

export const ReadStateView = Type.Object(
  { seq: count, unread_count: count, mention_count: count },
  { title: 'ReadState', examples: [{ seq: 42, unread_count: 3, mention_count: 1 }] },
)
export type ReadStateView = Static<typeof ReadStateView>

export const readStateView = ({
  readSeq,
  unreadCount,
  mentionCount,
}: Pick<Standing, 'readSeq' | 'unreadCount' | 'mentionCount'>): ReadStateView => ({
  seq: readSeq,
  unread_count: unreadCount,
  mention_count: mentionCount,
})

export const readMarkExample = {
  user_id: 'bob',
  username: 'bob',
  display_name: 'bob',
  seq: 42,
  at: '2026-01-01T00:00:00.000Z',
}

export const ReadMarkView = Type.Object(
  {
    ...namedUser,
    seq: count,
    at: Time,
  },
  { title: 'ReadMark', examples: [readMarkExample] },
)
export type ReadMarkView = Static<typeof ReadMarkView>

export const readMarkView = ({ userId, seq, at }: ReadMark, personOf: PersonOf): ReadMarkView => ({
  ...namesOf(personOf, userId),
  seq,
  at: time(at),
})

/** What a user is told of how they stand to a group. */
export const StandingView = Type.Object({
  role: Type.Union([
    Type.Literal('owner'),
    Type.Literal('admin'),
    Type.Literal('member'),
    Type.Null({ description: 'The caller is no member.' }),
  ]),
  read_seq: count,
  unread_count: count,
  mention_count: count,
})
export type StandingView = Static<typeof StandingView>

export const standingView = ({ role, readSeq, unreadCount, mentionCount }: Standing): StandingView => ({
  role,
  read_seq: readSeq,
  unread_count: unreadCount,
  mention_count: mentionCount,
})
