import { Type } from 'typebox'

/** 24 lower-case hex digits: the shape of an ObjectId, used on every store. */
export const Id = Type.String({ pattern: '^[0-9a-f]{24}$', description: 'An id: 24 hex digits.' })

export const isId = (value: string): boolean => /^[0-9a-f]{24}$/.test(value)

/** RFC 3339 in UTC with milliseconds. */
export const Time = Type.String({ format: 'date-time', description: 'RFC 3339, UTC, milliseconds.' })

export const time = (ms: number): string => new Date(ms).toISOString()

/** Text that can be stored, sent and shown: no lone surrogates, and not only white space. */
export const Text = (options: { maxLength: number; description?: string }) =>
  Type.Refine(
    Type.String({ minLength: 1, ...options }),
    (value) => value.isWellFormed() && value.trim() !== '',
    () => 'must be well-formed Unicode and not blank',
  )

/** A name on one line: as Text, without control characters. */
export const Label = (options: { maxLength: number; description?: string }) =>
  Type.Refine(
    Text(options),
    (value) => !/\p{Cc}/u.test(value),
    () => 'must not hold control characters',
  )
