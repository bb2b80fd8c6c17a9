import type { Change } from '../domain/change.ts'

/** What a write came to, once it is durable. */
export interface Written<T> {
  /** As it is after the write; read when the changes are durable, never before. */
  readonly value: T
  /** What was logged, in its order: nothing, when all was so already. */
  readonly changes: readonly Change[]
}
