import type { Position } from './cursor.ts'
import type { Report } from './report.ts'

/**
 * Something that a receiver outside has to be told and that following the logs does not tell (again): what was refused and is tried
 * again, what was given up (a dead letter), and what no log holds, such as a group's end.
 */
export interface Letter {
  /** What the receiver knows it by: the same whenever it is told. */
  readonly id: string
  readonly groupId: string
  /** The type of its event. */
  readonly type: string
  /** The entry of the group's logs that it tells, which is read when it is told; null: it says all by itself. */
  readonly entry: LetterEntry | null
  /** When it happened, in milliseconds since 1970. */
  readonly at: number
  /** A group's letters are told in the order of `at`, and those of one moment in this order. */
  readonly nth: number
  /** How often it was tried. */
  readonly attempts: number
  /** When it was refused first; null before that. */
  readonly since: number | null
  /** Why it was refused last; null before that. */
  readonly failure: string | null
  /** When it is tried next; null: a dead letter, which is not tried any more. */
  readonly dueAt: number | null
}

/** An entry, and the position after it. */
export interface LetterEntry extends Position {
  readonly log: 'messages' | 'changes'
}

/** How many letters there are. */
export interface LetterCounts {
  readonly waiting: number
  readonly dead: number
}

/**
 * The id of what is told of an entry. The epoch is part of it, because after a restore the same number is given to something else.
 * Letters, digits and `_` alone, as the signature of a webhook wants it.
 */
export const entryLetterId = (
  type: string,
  groupId: string,
  { log, seq, rev }: LetterEntry,
  epoch: string,
): string => `${type}_${groupId}_${log === 'messages' ? `s${seq}` : `r${rev}`}_${epoch}`

const untried = { attempts: 0, since: null, failure: null }

/** The letter that tells of a report. */
export const reportLetter = ({ id, groupId, createdAt }: Report): Letter => ({
  id: `report_created_${id}`,
  groupId,
  type: 'report_created',
  entry: null,
  at: createdAt,
  nth: 0,
  ...untried,
  dueAt: createdAt,
})

/** The report that a letter tells of; null for one that tells of something else. */
export const reportIn = ({ id }: Letter): string | null =>
  /^report_created_([0-9a-f]{24})$/.exec(id)?.[1] ?? null

/** The letter that tells of a group's end. A group ends once, so its id needs no epoch. */
export const groupEndLetter = (groupId: string, at: number): Letter => ({
  id: `group_deleted_${groupId}`,
  groupId,
  type: 'group_deleted',
  entry: null,
  at,
  nth: 0,
  ...untried,
  dueAt: at,
})
