import type { Chat } from '../../../src/client/types.ts'
import type { History } from './history.ts'
import type { Sending } from './sending.ts'
import type { Conversation } from './types.ts'

type Changes = Pick<Conversation, 'saveEdit' | 'delete' | 'toggleReaction' | 'togglePin'>

interface Deps {
  chat: Chat
  groupId: string
  history: History
  sending: Pick<Sending, 'callsIn'>
  report(error: unknown): void
}

/** Changes of messages. What the service answers is shown like what it tells. */
export function createChanges({ chat, groupId, history, sending, report }: Deps): Changes {
  /** Reactions go out one after the other, so that of two clicks the last one counts. */
  let reacting: Promise<unknown> = Promise.resolve()

  const told = (type: string, fields: object): void => history.receive({ type, group_id: groupId, ...fields })

  async function tried(run: () => Promise<unknown>): Promise<boolean> {
    try {
      await run()
      return true
    } catch (error) {
      report(error)
      return false
    }
  }

  return {
    async saveEdit(messageId, text) {
      if (history.get(messageId)?.content === text) return true
      return tried(async () => {
        const { mentions = [] } = sending.callsIn(text)
        const message = await chat.messages.edit(messageId, { content: text, mentions })
        told('message_updated', { message })
      })
    },

    async delete(messageId) {
      await tried(async () => {
        await chat.messages.delete(messageId)
        told('message_deleted', { message_id: messageId })
      })
    },

    async toggleReaction({ id, my_reactions }, emoji) {
      const own = history.get(id)?.my_reactions ?? my_reactions ?? []
      const isWished = !own.includes(emoji)
      const wish = history.wish(id, emoji, isWished)
      const ask = () => chat.messages[isWished ? 'react' : 'unreact'](id, emoji)
      const asked = reacting.then(ask)
      reacting = asked.catch(() => undefined)
      try {
        wish.settle(await asked)
      } catch (error) {
        wish.settle(null)
        report(error)
      }
    },

    async togglePin({ id, pinned_at }) {
      await tried(async () => {
        const isPinned = (history.get(id)?.pinned_at ?? pinned_at) !== null
        await chat.messages[isPinned ? 'unpin' : 'pin'](id)
        told(isPinned ? 'message_unpinned' : 'message_pinned', { message_id: id })
      })
    },
  }
}
