import type { Message, Reaction } from '../../../src/client/types.ts'

type Reacted = Pick<Message, 'reactions' | 'my_reactions'>

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

/** What the user wants to be so, by emoji, on top of what is told. */
export type Wishes = ReadonlyMap<string, boolean>

export function withWishes<T extends Reacted>(message: T, wishes: Wishes, ownId: string): T {
  let reactions = [...message.reactions]
  const mine = new Set(message.my_reactions)
  for (const [emoji, isWished] of wishes) {
    if (mine.has(emoji) === isWished) continue
    const place = reactions.findIndex((reaction) => reaction.emoji === emoji)
    const { count, user_ids } = reactions[place] ?? { count: 0, user_ids: [] }
    if (isWished) {
      mine.add(emoji)
      const next = { emoji, count: count + 1, user_ids: [...user_ids, ownId] }
      if (place < 0) reactions.push(next)
      else reactions[place] = next
    } else {
      mine.delete(emoji)
      const next = { emoji, count: count - 1, user_ids: user_ids.filter((id) => id !== ownId) }
      if (place >= 0) reactions[place] = next
    }
  }
  reactions = reactions.filter(({ count }) => count > 0)
  return { ...message, reactions, my_reactions: [...mine] }
}
