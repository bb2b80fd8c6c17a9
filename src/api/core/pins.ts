import { Type } from 'typebox'
import type { Chat } from '../../chat/chat.ts'
import { limits } from '../../domain/limits.ts'
import { emptyReply, jsonReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'
import { AnsweredMessage, answeredExample, createAnswered, createAnswerMessage } from './message-answer.ts'

const PinnedMessages = Type.Object(
  { messages: Type.Array(AnsweredMessage, { maxItems: limits.pins }) },
  {
    title: 'PinnedMessages',
    examples: [{ messages: [{ ...answeredExample, pinned_at: '2026-01-01T11:10:00.000Z' }] }],
  },
)

export function pinRoutes(
  { pins, ...chat }: Pick<Chat, 'pins' | 'reactions' | 'people'>,
  prefix: string,
): Route[] {
  const answer = createAnswerMessage(chat, prefix)
  const answered = createAnswered(chat, prefix)
  const path = '/messages/:message_id/pin'
  return [
    userRoute(prefix, {
      method: 'PUT',
      path,
      name: 'pins.add',
      about: 'Pin a message in its group (members); again changes nothing',
      answers: { 200: { about: 'The message, pinned', schema: AnsweredMessage } },
      limits: ['edits'],
      errors: ['banned', 'blocked', 'muted', 'forbidden', 'not_found', 'limit_reached', 'storage_full'],
      handle: async ({ params }, caller) => answer(caller, 200, await pins.add(caller, params.message_id)),
    }),

    userRoute(prefix, {
      method: 'DELETE',
      path,
      name: 'pins.remove',
      about: 'Unpin a message (members); again changes nothing',
      answers: { 204: { about: 'It is not pinned' } },
      limits: ['edits'],
      errors: ['banned', 'blocked', 'muted', 'forbidden', 'not_found', 'storage_full'],
      async handle({ params }, caller) {
        await pins.remove(caller, params.message_id)
        return emptyReply
      },
    }),

    userRoute(prefix, {
      method: 'GET',
      path: '/groups/:group_id/pins',
      name: 'pins.list',
      about: 'The pinned messages, the one pinned last at first (members)',
      answers: { 200: { about: 'All of them', schema: PinnedMessages } },
      errors: ['banned', 'forbidden', 'not_found'],
      handle: async ({ params }, caller) =>
        jsonReply(200, { messages: await answered(caller, await pins.list(caller, params.group_id)) }),
    }),
  ]
}
