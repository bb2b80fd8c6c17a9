import type { MessageView } from '../../src/domain/message.ts'

/** The messages that a person has seen in this chat. Each is called by its number in the group, `#12`. */
export interface Shown {
  add(message: MessageView): void
  /** undefined when no such message was shown, or too long ago. */
  find(seq: number): MessageView | undefined
  /** `#12` for the message with this id, if it was shown; else `a message`. */
  nameOf(messageId: string): string
}

/** So many messages can be named. */
const most = 1_000

export function createShown(): Shown {
  const messages = new Map<number, MessageView>()
  const seqs = new Map<string, number>()
  return {
    add(message) {
      messages.delete(message.seq)
      messages.set(message.seq, message)
      seqs.set(message.id, message.seq)
      const [oldest] = messages.values()
      if (!oldest || messages.size <= most) return
      messages.delete(oldest.seq)
      seqs.delete(oldest.id)
    },
    find: (seq) => messages.get(seq),
    nameOf(messageId) {
      const seq = seqs.get(messageId)
      return seq === undefined ? 'a message' : `#${seq}`
    },
  }
}
