import type { Keeping } from '../model/types.ts'

const key = 'chat-api.emoji'
const kept = 16

/** The emoji that were used last, the latest first. */
export function recentEmoji(keeping: Keeping): readonly string[] {
  return (keeping.getItem(key) ?? '').split(' ').filter(Boolean).slice(0, kept)
}

export function rememberEmoji(keeping: Keeping, emoji: string): void {
  const others = recentEmoji(keeping).filter((one) => one !== emoji)
  keeping.setItem(key, [emoji, ...others].slice(0, kept).join(' '))
}
