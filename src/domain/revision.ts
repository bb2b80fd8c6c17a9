import { limits } from './limits.ts'

/** What a message said before an edit. */
export interface Revision {
  readonly content: string
  /** When it was written, in milliseconds since 1970. */
  readonly at: number
}

/** A content that was replaced, and when. */
export interface Replaced {
  readonly content: string
  readonly replacedAt: number
}

/** So many replaced contents are kept of a message: one more than are shown, because it says when the next was written. */
export const keptRevisions = limits.revisions + 1

/** The last earlier contents, oldest first, of all that were kept, in the order in which they were replaced. */
export function revisionsOf(replaced: readonly Replaced[], createdAt: number): Revision[] {
  const all = replaced.map(({ content }, index) => ({
    content,
    at: replaced[index - 1]?.replacedAt ?? createdAt,
  }))
  return all.slice(-limits.revisions)
}
