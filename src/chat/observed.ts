import { ChatError, type ErrorCode } from '../domain/errors.ts'
import type { Chat } from './chat.ts'

/** How a send ended. `repeat` means that the message was there already, `failed` that it threw no ChatError, which is a bug. */
export type SendOutcome = 'new' | 'repeat' | ErrorCode | 'failed'

/** The same use cases, with every send reported once it is settled. */
export function observedChat(chat: Chat, report: (outcome: SendOutcome) => void): Chat {
  return {
    ...chat,
    messages: {
      ...chat.messages,
      async send(by, groupId, command) {
        try {
          const sent = await chat.messages.send(by, groupId, command)
          report(sent.repeat ? 'repeat' : 'new')
          return sent
        } catch (error) {
          report(error instanceof ChatError ? error.code : 'failed')
          throw error
        }
      },
    },
  }
}
