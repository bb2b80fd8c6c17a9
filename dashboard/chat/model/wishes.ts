import type { Message } from '../../../src/client/types.ts'
import { type Reacted, withWish } from './reactions.ts'

/** Reactions that the user wants, shown on messages before the service has answered. */
export interface Wishes {
  /** The message as it is shown. It is remembered as it is, while something is wished for. */
  on(message: Message): Message
  /** The message as the service has it, where something is wished for. */
  plain(messageId: string): Message | undefined
  /** All messages are other ones. */
  clear(): void
  /** The reactions of the message were told. */
  told(messageId: string): void
  wish(message: Message, emoji: string, isWished: boolean): Wish
}

export interface Wish {
  /** Ends it: with the answer, or with null where there is none. The message is as the service has it. */
  settle(answer: Reacted | null): Message | undefined
}

interface Wished {
  plain: Message
  readonly emoji: Map<string, boolean>
  /** What was told since may be newer than the answer. */
  isTold: boolean
}

export function createWishes(ownId: string): Wishes {
  const all = new Map<string, Wished>()

  function on(message: Message): Message {
    const wished = all.get(message.id)
    if (!wished) return message
    wished.plain = message
    let shown = message
    for (const [emoji, isWished] of wished.emoji) shown = withWish(shown, emoji, isWished, ownId)
    return shown
  }

  return {
    on,
    plain: (messageId) => all.get(messageId)?.plain,
    clear: () => all.clear(),
    told(messageId) {
      const wished = all.get(messageId)
      if (wished) wished.isTold = true
    },

    wish(message, emoji, isWished) {
      const wished = all.get(message.id) ?? { plain: message, emoji: new Map(), isTold: false }
      all.set(message.id, wished)
      wished.emoji.set(emoji, isWished)
      wished.isTold = false
      return {
        settle(answer) {
          if (all.get(message.id) !== wished) return undefined
          if (wished.emoji.get(emoji) === isWished) wished.emoji.delete(emoji)
          if (!wished.emoji.size) all.delete(message.id)
          const { plain, isTold } = wished
          if (!answer) return plain
          return isTold ? withWish(plain, emoji, isWished, ownId) : { ...plain, ...answer }
        },
      }
    },
  }
}
