import type { Change } from '../domain/change.ts'

/** The outcome of a write that is durable. */
export interface Written<T> {
  /** The value after the write. It is read when the changes are durable, never before. */
  readonly value: T
  /** The entries that were logged, in their order. There are none when the write changed nothing. */
  readonly changes: readonly Change[]
}
