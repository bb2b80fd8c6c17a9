import { emojiGroups } from './list.ts'

export interface EmojiEntry {
  readonly emoji: string
  readonly words: readonly string[]
}

export interface EmojiGroup {
  readonly name: string
  readonly entries: readonly EmojiEntry[]
}

export const allEmoji: readonly EmojiGroup[] = emojiGroups.map(([name, list]) => ({
  name,
  entries: list.split(',').map((text) => {
    const [emoji = ''] = text.split(/[a-z]/, 1)
    return { emoji, words: text.slice(emoji.length).split(' ') }
  }),
}))

/**
 * The groups to show: those used last in front, under a name of their own and not again below; of all of them what fits. Each word
 * that is looked for begins a word of the emoji. A group that nothing is left of is left out.
 */
export function findEmoji(query: string, recent: readonly string[]): readonly EmojiGroup[] {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean)
  const fits = ({ emoji, words }: EmojiEntry): boolean =>
    wanted.every((part) => part === emoji || words.some((word) => word.startsWith(part)))
  const known = new Map(allEmoji.flatMap(({ entries }) => entries.map((entry) => [entry.emoji, entry])))
  const used = recent.flatMap((emoji) => known.get(emoji) ?? [])
  const rest = allEmoji.map(({ name, entries }) => ({
    name,
    entries: entries.filter((entry) => !used.includes(entry)),
  }))
  return [{ name: 'Used last', entries: used }, ...rest]
    .map(({ name, entries }) => ({ name, entries: entries.filter(fits) }))
    .filter(({ entries }) => entries.length > 0)
}
