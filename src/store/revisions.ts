import type { Revision } from '../domain/revision.ts'

/** What messages said before they were edited. `MessageStore` keeps it, and it goes when the message's text goes. */
export interface RevisionStore {
  /** The last 50 earlier contents of a message, oldest first; none of a deleted one, until it is restored. */
  list(messageId: string): Promise<Revision[]>
}
