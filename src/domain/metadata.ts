import { Type } from 'typebox'
import { limits } from './limits.ts'

/** A client's own data about a group or a message, which this service keeps and never reads. */
export type Metadata = Readonly<Record<string, unknown>>

export const noMetadata: Metadata = {}

/** A JSON object of at most `limits.metadata` bytes, spelt without blanks. */
export const Metadata = Type.Refine(
  Type.Record(Type.String(), Type.Unknown(), {
    description: `Any JSON object of at most ${limits.metadata} bytes, the client's own.`,
  }),
  (value) => Buffer.byteLength(JSON.stringify(value)) <= limits.metadata,
  () => `must not have more than ${limits.metadata} bytes as JSON`,
)
