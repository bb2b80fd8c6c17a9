import { type Static, Type } from 'typebox'
import type { Reactions } from '../../chat/reactions.ts'
import type { Caller } from '../../domain/caller.ts'
import { type Message, MessageView, messageExample, messageView } from '../../domain/message.ts'
import { jsonReply, type Reply } from '../../http/reply.ts'
import { MyReactions } from './reactions.ts'

/** A message as REST answers it, with the caller's own reactions, which are told to nobody else. */
export const answeredExample = { ...messageExample, my_reactions: ['👍'] }

export const AnsweredMessage = Type.Object(
  { ...MessageView.properties, my_reactions: MyReactions },
  { title: 'AnsweredMessage', examples: [answeredExample] },
)
export type AnsweredMessage = Static<typeof AnsweredMessage>

/** Views of messages for the caller alone. `prefix`: what the paths of the API begin with. */
export const createAnswered =
  (reactions: Pick<Reactions, 'own'>, prefix: string) =>
  async (caller: Caller, messages: readonly Message[]): Promise<AnsweredMessage[]> => {
    const reacted = messages.filter((message) => message.reactions.kinds.length)
    const own = await reactions.own(
      caller,
      reacted.map(({ id }) => id),
    )
    return messages.map((message) => ({
      ...messageView(message, prefix),
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

export function createAnswerMessage(reactions: Pick<Reactions, 'own'>, prefix: string): AnswerMessage {
  const answered = createAnswered(reactions, prefix)
  return async (caller, status, message, headers) => {
    const [view] = await answered(caller, [message])
    return jsonReply(status, view, headers)
  }
}
