import { type Static, Type } from 'typebox'
import type { Reactions } from '../../chat/reactions.ts'
import type { Caller } from '../../domain/caller.ts'
import { type Message, MessageView, messageExample, messageView } from '../../domain/message.ts'
import type { People } from '../../domain/person.ts'
import { jsonReply, type Reply } from '../../http/reply.ts'
import { MyReactions } from './reactions.ts'

/** A message as REST answers it, with the caller's own reactions, which are told to nobody else. */
export const answeredExample = { ...messageExample, my_reactions: ['👍'] }

export const AnsweredMessage = Type.Object(
  { ...MessageView.properties, my_reactions: MyReactions },
  { title: 'AnsweredMessage', examples: [answeredExample] },
)
export type AnsweredMessage = Static<typeof AnsweredMessage>

/** What answering with messages takes. */
type AnsweringChat = { readonly reactions: Pick<Reactions, 'own'>; readonly people: People }

/** Views of messages for the caller alone. `prefix`: what the paths of the API begin with. */
export const createAnswered =
  ({ reactions, people }: AnsweringChat, prefix: string) =>
  async (caller: Caller, messages: readonly Message[]): Promise<AnsweredMessage[]> => {
    const reacted = messages.filter((message) => message.reactions.kinds.length)
    const own = await reactions.own(
      caller,
      reacted.map(({ id }) => id),
    )
    return messages.map((message) => ({
      ...messageView(message, prefix, people.of),
      my_reactions: [...(own.get(message.id) ?? [])],
    }))
  }

/** Answers the caller with a message. */
export type AnswerMessage = (
  caller: Caller,
  status: 200 | 201,
  message: Message,
  headers?: Record<string, string>,
) => Promise<Reply>

export function createAnswerMessage(chat: AnsweringChat, prefix: string): AnswerMessage {
  const answered = createAnswered(chat, prefix)
  return async (caller, status, message, headers) => {
    const [view] = await answered(caller, [message])
    return jsonReply(status, view, headers)
  }
}
