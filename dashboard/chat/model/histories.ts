import type { Chat, ChatEvent } from '../../../src/client/types.ts'
import { createHistory, type History } from './history.ts'

/** The newest messages of the groups that were shown last, so that going back to one takes no time. */
export interface Histories {
  /** One that was left, if it has all that is unread behind this seq; else a new one. */
  take(groupId: string, readSeq: number): History
  leave(history: History): void
  /** Of groups that are not shown. */
  receive(event: ChatEvent): void
}

const most = 8

export function createHistories(chat: Chat, ownId: () => string): Histories {
  const left = new Map<string, History>()

  return {
    take(groupId, readSeq) {
      const history = left.get(groupId)
      left.delete(groupId)
      const first = history?.messages[0]?.seq ?? 0
      if (history && (history.isStart || first <= readSeq + 1)) return history
      return createHistory(chat, groupId, ownId())
    },

    leave(history) {
      // What is not listened to any more would go on with a gap.
      const isHeard = chat.group(history.groupId).cursor !== undefined
      if (!history.rest() || !isHeard) return
      left.set(history.groupId, history)
      for (const [oldest] of left) if (left.size > most) left.delete(oldest)
    },

    receive(event) {
      const { type, group_id: id = '' } = event
      if (type === 'resync' || type === 'unsubscribed' || type === 'group_deleted') left.delete(id)
      else left.get(id)?.receive(event)
    },
  }
}
