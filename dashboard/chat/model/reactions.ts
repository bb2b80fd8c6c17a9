import type { Message, Reaction } from '../../../src/client/types.ts'

export type Reacted = Pick<Message, 'reactions' | 'my_reactions'>

/** What came and went, as the event tells it. */
type Changed = readonly { emoji: string; user_id: string; added: boolean }[]

/**
 * With what the user reacted, as far as a state that is told to all says it: it names the first twenty who reacted, so of others
 * stays true what was known before, and what has changed.
 */
export function ownReactions(
  reactions: readonly Reaction[],
  before: readonly string[],
  changed: Changed,
  ownId: string,
): string[] {
  const own = new Set(before)
  for (const { emoji, user_id, added } of changed) {
    if (user_id !== ownId) continue
    if (added) own.add(emoji)
    else own.delete(emoji)
  }
  return reactions
    .filter(({ emoji, count, user_ids }) =>
      user_ids.includes(ownId) ? true : user_ids.length < count && own.has(emoji),
    )
    .map(({ emoji }) => emoji)
}

/** The same with one's own reaction, or without it. */
export function withWish<T extends Reacted>(message: T, emoji: string, isWished: boolean, ownId: string): T {
  const own = message.my_reactions ?? []
  if (own.includes(emoji) === isWished) return message
  const there = message.reactions.find((reaction) => reaction.emoji === emoji)
  const before = there ?? { emoji, count: 0, user_ids: [] }
  const others = before.user_ids.filter((id) => id !== ownId)
  const after: Reaction = isWished
    ? { emoji, count: before.count + 1, user_ids: [...others, ownId] }
    : { emoji, count: before.count - 1, user_ids: others }
  const reactions = there
    ? message.reactions.map((reaction) => (reaction === there ? after : reaction))
    : [...message.reactions, after]
  return {
    ...message,
    reactions: reactions.filter(({ count }) => count > 0),
    my_reactions: isWished ? [...own, emoji] : own.filter((each) => each !== emoji),
  }
}
