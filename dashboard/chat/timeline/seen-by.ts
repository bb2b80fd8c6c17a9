import type { Message } from '../../../src/client/types.ts'

/** So many are named; of more there is a number. */
const named = 4

/** The message under which it stands. */
export function lastOwn(messages: readonly Message[], ownId: string): Message | undefined {
  return messages.findLast(({ sender_id, is_deleted }) => sender_id === ownId && !is_deleted)
}

/** `seen by Alice and Bob`; '' where nobody has seen it. */
export function seenByWords(
  { seq }: Message,
  reads: ReadonlyMap<string, number>,
  ownId: string,
  nameOf: (userId: string) => string | undefined,
): string {
  const names: string[] = []
  let others = 0
  for (const [userId, read] of reads) {
    if (read < seq || userId === ownId) continue
    const name = names.length < named ? nameOf(userId) : undefined
    if (name) names.push(name)
    else others++
  }
  if (others > 0) names.push(`${others} ${others === 1 ? 'other' : 'others'}`)
  const last = names.pop()
  if (last === undefined) return ''
  return `seen by ${names.length > 0 ? `${names.join(', ')} and ${last}` : last}`
}
