import type { Caller } from '../domain/caller.ts'
import { toEmoji } from '../domain/emoji.ts'
import type { Rates } from '../domain/rates.ts'
import type { Reactions as MessageReactions } from '../domain/reaction.ts'
import { invalid } from '../domain/validate.ts'
import type { Hub } from '../hub/hub.ts'
import type { Store } from '../store/store.ts'

export interface Reactions {
  /**
   * Adds the caller's reaction to a message. To add it again succeeds, without effect. Throws invalid (no emoji),
   * not_found (also for a deleted message), banned, muted, forbidden, limit_reached, rate_limited.
   */
  add(by: Caller, messageId: string, emoji: string): Promise<Reacted>
  /** Takes the caller's reaction back. To do so again succeeds, without effect. Throws as `add`, but not limit_reached. */
  remove(by: Caller, messageId: string, emoji: string): Promise<Reacted>
  /** The caller's reactions to each of these messages, which they may read. Messages without one are left out. */
  own(by: Caller, messageIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>
}

export interface Reacted {
  readonly reactions: MessageReactions
  /** The caller's own reactions. */
  readonly own: readonly string[]
}

interface Deps {
  store: Store
  hub: Pick<Hub, 'change'>
  now: () => number
  rates: Pick<Rates, 'reactions'>
}

const none: ReadonlyMap<string, readonly string[]> = new Map()

export function createReactions({ store, hub, now, rates }: Deps): Reactions {
  const change =
    (way: 'add' | 'remove') =>
    async (by: Caller, messageId: string, given: string): Promise<Reacted> => {
      rates.reactions.take(by.userId)
      const emoji = toEmoji(given)
      if (emoji === null) throw invalid([{ field: 'emoji', message: 'must be one emoji' }])
      const { value: message, changes, own } = await store.reactions[way](messageId, emoji, by, now())
      for (const change of changes) hub.change(change, { message })
      return { reactions: message.reactions, own }
    }

  return {
    add: change('add'),
    remove: change('remove'),

    own: async ({ userId }, messageIds) =>
      messageIds.length ? store.reactions.listOwn(userId, messageIds) : none,
  }
}
