import type { Member } from '../../../src/client/types.ts'

export interface MentionQuery {
  /** Where its `@` stands. */
  readonly start: number
  readonly text: string
}

/** Stands for everybody in the group. */
export interface MentionAll {
  readonly username: 'all'
}

export type Mentionable = Member | MentionAll

const shown = 8

/** The mention that is being written at the caret; null where there is none, as in an e-mail address. */
export function mentionAt(text: string, caret: number): MentionQuery | null {
  const before = text.slice(Math.max(0, caret - 100), caret)
  const [, word] = /(?:^|[^\p{L}\p{N}_@./-])@([\p{L}\p{M}\p{N}._~-]*)$/u.exec(before) ?? []
  return word === undefined ? null : { start: caret - word.length - 1, text: word }
}

/**
 * Whom it may mean: first those whose username begins so, then those of whose display name a word does; of either those who wrote last
 * first. `all` comes last.
 */
export function suggestMentions(
  query: string,
  members: readonly Member[],
  { meId, wroteLast, mayMentionAll }: { meId: string; wroteLast: readonly string[]; mayMentionAll: boolean },
): readonly Mentionable[] {
  const wanted = foldName(query)
  const last = new Map(wroteLast.toReversed().map((id, age) => [id, age + 1]))
  const ranked: { member: Member; rank: number; last: number }[] = []
  for (const member of members) {
    if (member.user_id === meId) continue
    const rank = rankOf(member, wanted)
    if (rank !== null) ranked.push({ member, rank, last: last.get(member.user_id) ?? 0 })
  }
  ranked.sort((a, b) => a.rank - b.rank || b.last - a.last)
  const all: MentionAll[] = mayMentionAll && 'all'.startsWith(wanted) ? [{ username: 'all' }] : []
  return [...ranked.slice(0, shown - all.length).map(({ member }) => member), ...all]
}

function rankOf({ username, display_name: name }: Member, wanted: string): number | null {
  if (foldName(username).startsWith(wanted)) return 0
  return nameFits(name, wanted) ? 1 : null
}

/** Whether the name, or a word of it, begins so; `wanted` is folded. */
export function nameFits(name: string, wanted: string): boolean {
  const folded = foldName(name)
  return folded.startsWith(wanted) || folded.split(/\s+/).some((word) => word.startsWith(wanted))
}

/** Without case and accents, as the service looks for people. */
export const foldName = (name: string): string => name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
