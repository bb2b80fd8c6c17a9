import type { IndexQuery } from '../domain/search.ts'

/**
 * An index of the words of all messages. It follows what is written some time later, and says where something may be found: who asks it
 * looks at the messages as they are now.
 */
export interface SearchStore {
  /**
   * Makes the entries of these messages what they have to be by now; one that is deleted has none. At most 100 ids. It gives way to
   * what people send meanwhile.
   */
  put(messageIds: readonly string[]): Promise<void>
  /**
   * Messages that may be found, newest first: by the time at which they were sent, and within a group of the same time by their seq.
   * A message whose entry is up to date, and that is found, is among them. Throws malformed for a place that is none.
   */
  find(lookup: Lookup, page: LookupPage): Promise<Candidates>
  /** Removes all entries. */
  clear(): Promise<void>
}

export interface Lookup extends IndexQuery {
  /** In these groups only. At most 10,000. */
  readonly groupIds: readonly string[]
  readonly senderId?: string
  /** With a file. */
  readonly hasFile?: boolean
  /** Sent at this time (milliseconds since 1970) or later. */
  readonly from?: number
  /** Sent at this time or before. */
  readonly until?: number
}

export interface LookupPage {
  /** Goes on after this place; from the newest where it is null. */
  readonly after: string | null
  /** At least 1. */
  readonly limit: number
  /** How many entries may be looked at, some more or less. */
  readonly looks: number
}

export interface Candidates {
  readonly found: readonly Candidate[]
  /** Where to go on; null when there is no more. There may be more though nothing was found: no more was to be looked at. */
  readonly next: string | null
}

export interface Candidate {
  readonly messageId: string
  readonly place: string
}
