import { ChatError, type ErrorCode } from '../domain/errors.ts'
import type { Chat } from './chat.ts'

/** How a send ended. `repeat` means that the message was there already, `failed` that it threw no ChatError, which is a bug. */
export type SendOutcome = 'new' | 'repeat' | ErrorCode | 'failed'

/** What is told of use cases. */
interface Observer {
  send(outcome: SendOutcome): void
  fileUploaded(bytes: number): void
  fileServed(bytes: number): void
}

/** The same use cases, with every send, upload and download reported once it is settled. */
export function observedChat(chat: Chat, { send: report, fileUploaded, fileServed }: Observer): Chat {
  return {
    ...chat,
    files: {
      ...chat.files,
      async upload(...upload) {
        const file = await chat.files.upload(...upload)
        fileUploaded(file.size)
        return file
      },
      async bytes(file, range) {
        const found = await chat.files.bytes(file, range)
        fileServed(range ? range.end - range.start + 1 : file.size)
        return found
      },
    },
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
