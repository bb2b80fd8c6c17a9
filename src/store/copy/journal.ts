import { StartError } from '../start-error.ts'
import type { Noun } from './records.ts'

/** How far a copy into a store has come, kept in that store. As long as it is not whole, no service uses the store. */
export interface Journal {
  readonly format: number
  /** The epoch of the store that is copied. */
  readonly epoch: string
  /** When the copy was begun, in milliseconds since 1970. */
  readonly at: number
  /** All nouns before this one are filled, and this one up to a page's `last`; null: all are. */
  readonly noun: Noun | null
  readonly after: string | null
  /** The copy was checked, and may be used. */
  readonly isWhole: boolean
}

/** Throws StartError. */
export function requireWhole(journal: Journal | null): void {
  if (journal && !journal.isWhole)
    throw new StartError(
      'A copy into this database was begun and is not whole. Run the same `chat-api copy` again: it goes on where it was.',
    )
}
