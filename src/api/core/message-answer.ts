import { type Static, Type } from 'typebox'
import type { Reactions } from '../../chat/reactions.ts'
import type { Caller } from '../../domain/caller.ts'
import { type Message, MessageView, messageView } from '../../domain/message.ts'
import { jsonReply, type Reply } from '../../http/reply.ts'
import { MyReactions } from './reactions.ts'

/** A message as REST answers it, with the caller's own reactions, which are told to nobody else. */
export const AnsweredMessage = Type.Object(
  { ...MessageView.properties, my_reactions: MyReactions },
  { title: 'AnsweredMessage' },
)

/** Answers the caller with a message. */
export type AnswerMessage = (
  caller: Caller,
  status: 200 | 201,
  message: Message,
  headers?: Record<string, string>,
) => Promise<Reply>

export const createAnswerMessage =
  (reactions: Pick<Reactions, 'own'>): AnswerMessage =>
  async (caller, status, message, headers) => {
    const own = await reactions.own(caller, message.reactions.kinds.length ? [message.id] : [])
    const view: Static<typeof AnsweredMessage> = {
      ...messageView(message),
      my_reactions: [...(own.get(message.id) ?? [])],
    }
    return jsonReply(status, view, headers)
  }
