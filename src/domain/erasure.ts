import { type Static, Type } from 'typebox'

/** How much of a user was erased so far. */
export interface ErasureCounts {
  /** Messages that the user sent, also those that were deleted before. */
  readonly messages: number
  readonly reactions: number
  readonly files: number
  readonly reads: number
  readonly memberships: number
}

export const nothingErased: ErasureCounts = { messages: 0, reactions: 0, files: 0, reads: 0, memberships: 0 }

export const addCounts = (counts: ErasureCounts, more: Partial<ErasureCounts>): ErasureCounts => ({
  messages: counts.messages + (more.messages ?? 0),
  reactions: counts.reactions + (more.reactions ?? 0),
  files: counts.files + (more.files ?? 0),
  reads: counts.reads + (more.reads ?? 0),
  memberships: counts.memberships + (more.memberships ?? 0),
})

export interface Erasure {
  /** Who sent the user's messages from now on: an id that nobody has. */
  readonly alias: string
  readonly counts: ErasureCounts
}

/** Who is being erased, and by which operator. It is kept for as long as the erasure is not over, so that a crash does not end it. */
export interface ErasureOrder {
  readonly userId: string
  readonly by: string
  readonly alias: string
}

/** What the log, or a document, says of a user, said of the alias; null when it says nothing of them. */
export function withAlias(
  data: Readonly<Record<string, unknown>>,
  userId: string,
  alias: string,
): Record<string, unknown> | null {
  const named = Object.entries(data).filter(([name, value]) => isUser(name) && value === userId)
  return named.length ? { ...data, ...Object.fromEntries(named.map(([name]) => [name, alias])) } : null
}

const isUser = (name: string): boolean => name === 'user_id' || name === 'by'

const count = Type.Integer({ minimum: 0 })

export const ErasureView = Type.Object(
  { messages: count, reactions: count, files: count, reads: count, memberships: count },
  {
    title: 'Erasure',
    examples: [{ messages: 120, reactions: 31, files: 2, reads: 4, memberships: 5 }],
  },
)
export type ErasureView = Static<typeof ErasureView>
