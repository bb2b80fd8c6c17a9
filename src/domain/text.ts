import { Type } from 'typebox'
import { limits } from './limits.ts'
import { invalid } from './validate.ts'

/** 24 lower-case hex digits: the shape of an ObjectId, used on every store. */
export const Id = Type.String({ pattern: '^[0-9a-f]{24}$', description: 'An id: 24 hex digits.' })

export const isId = (value: string): boolean => /^[0-9a-f]{24}$/.test(value)

/** RFC 3339 in UTC with milliseconds. */
export const Time = Type.String({ format: 'date-time', description: 'RFC 3339, UTC, milliseconds.' })

export const time = (ms: number): string => new Date(ms).toISOString()

const lastInstant = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** Milliseconds since 1970 of a time that a client gave in this field. Throws invalid: not every RFC 3339 time is one of our clock. */
export function instant(field: string, given: string): number {
  const ms = Date.parse(given)
  if (!(ms <= lastInstant))
    throw invalid([{ field, message: 'must be a time before the year 10000, and no leap second' }])
  return ms
}

/**
 * What reads as another text than it is, or breaks out of its line: controls, line and paragraph separators, marks that
 * turn the direction of what follows (UAX 9), and invisible tags (but those of flags).
 */
const deceptive =
  /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\u{e0000}-\u{e007f}]/u
const flags = /\p{RGI_Emoji_Tag_Sequence}/gv
/** Something that can be seen. */
const visible = /[^\p{White_Space}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u

/** True for text in which nothing can be seen. */
export const isBlank = (value: string): boolean => !visible.test(value)

/** One character, which belongs to no flag. */
export const isDeceptiveMark = (character: string): boolean => deceptive.test(character)

const isDeceptive = (value: string): boolean =>
  deceptive.test(value) && deceptive.test(value.replace(flags, ''))

/** Text that can be stored, sent and shown: no lone surrogates, and something in it that can be seen. */
export const Text = (options: { maxLength: number; description?: string }) =>
  Type.Refine(
    Type.String({ minLength: 1, ...options }),
    (value) => value.isWellFormed() && visible.test(value),
    () => 'must be well-formed Unicode and not blank',
  )

/** Checks the length of the text as it is stored, because normalization can make it longer. */
const fits = (value: string, maxLength: number): boolean => [...value.normalize('NFC')].length <= maxLength

const tooLong = (maxLength: number) =>
  `must not have more than ${maxLength} characters in Unicode normalization form C`

const labelRule = 'must not hold control characters, line breaks or marks that change the direction of text'

/** A name on one line: as Text, and reads as what it is. */
export const Label = (options: { maxLength: number; description?: string }) =>
  Type.Refine(
    Type.Refine(
      Text(options),
      (value) => !isDeceptive(value),
      () => labelRule,
    ),
    (value) => fits(value, options.maxLength),
    () => tooLong(options.maxLength),
  )

/** A name that somebody else gives, as a Label: cut to its length; null for what is none. */
export function labelIn(value: unknown, maxLength: number): string | null {
  if (typeof value !== 'string' || !value.isWellFormed() || isDeceptive(value)) return null
  const label = [...value.normalize('NFC').trim()].slice(0, maxLength).join('').trim()
  return visible.test(label) ? label : null
}

/** Text of several lines, perhaps empty, that reads as what it is. */
export const Lines = (options: { maxLength: number; description?: string }) =>
  Type.Refine(
    Type.Refine(
      Type.String(options),
      (value) => value.isWellFormed() && !isDeceptive(value.replace(/[\n\r\t]/g, '')),
      () =>
        'must be well-formed Unicode, without control characters or marks that change the direction of text',
    ),
    (value) => fits(value, options.maxLength),
    () => tooLong(options.maxLength),
  )

export const idRule =
  'not blank, in Unicode normalization form C, without control characters or marks that change the direction of text, and neither "." nor ".."'

/** A user's id, in a token and everywhere else. `.` and `..` would be lost in a URL: its parser takes them away. */
export const isUserId = (value: string): boolean =>
  value.isWellFormed() &&
  [...value].length <= limits.userId &&
  visible.test(value) &&
  !isDeceptive(value) &&
  value === value.normalize('NFC') &&
  value !== '.' &&
  value !== '..'

export const UserId = Type.Refine(
  Type.String({ minLength: 1, maxLength: limits.userId, description: `The token's sub: ${idRule}.` }),
  isUserId,
  () => `must be ${idRule}`,
)
