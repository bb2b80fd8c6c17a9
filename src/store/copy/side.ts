import type { Blobs } from '../blobs.ts'
import type { Journal } from './journal.ts'
import type { Noun, Records } from './records.ts'

/** Some records of a noun. */
export interface Page<T> {
  readonly records: readonly T[]
  /** Where to go on after them. */
  readonly last: string
}

/** How one store reads and writes one noun when it is copied. */
export interface NounCopy<T> {
  /**
   * All records after a page's `last`, or all; those of groups that are gone are left out. The order is the store's own, and the same
   * each time.
   */
  dump(after: string | null): AsyncIterable<Page<T>> | Iterable<Page<T>>
  /** Writes the records, with all that the store derives from them. Those that it has written before stay as they are. */
  fill(records: readonly T[]): Promise<void> | void
  /** The tables or collections that the noun is kept in, where it is not the only one in it. */
  readonly keptIn: readonly string[]
}

export type NounCopies = { readonly [N in Noun]: NounCopy<Records[N]> }

/** A store that is copied, or copied into. */
export interface Side {
  readonly kind: 'sqlite' | 'mongodb'
  /** For people: where the data is. */
  readonly name: string
  readonly nouns: NounCopies
  /** The bytes of files. */
  readonly blobs: Blobs
  /** False when there is anything of what is copied. */
  isEmpty(): Promise<boolean>
  journal(): Promise<Journal | null>
  /** Fills the records and keeps the journal; a copy that is cut goes on from the one that was kept last. Throws CopyError. */
  keep<N extends Noun>(journal: Journal, noun?: N, records?: readonly Records[N][]): Promise<void>
  /** To be called when all is filled: makes what the store needs besides. May be called again. */
  complete(): Promise<void>
  /** Throws CopyError when a service used the store since it was opened. */
  requireUnused(): Promise<void>
  close(): Promise<void>
}

/** The copy can't be made, or is not right. The message says what to do. */
export class CopyError extends Error {
  override readonly name = 'CopyError'
}
