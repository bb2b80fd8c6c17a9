import { Type } from 'typebox'
import type { Chat } from '../../chat/chat.ts'
import { ClientId, MessageEdit, NewMessage } from '../../domain/message.ts'
import { invalid, validate } from '../../domain/validate.ts'
import { json } from '../../http/body.ts'
import { emptyReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'
import { eventRoute } from './events.ts'
import { type HistoryChat, historyRoute } from './history.ts'
import { AnsweredMessage, createAnswerMessage } from './message-answer.ts'
import type { PageCache } from './page-cache.ts'

const SendHeaders = Type.Object({ 'Idempotency-Key': Type.Optional(ClientId) })

/** `cache` keeps pages of history. It is only for a store that nobody else writes to. */
export function messageRoutes(
  chat: HistoryChat & Pick<Chat, 'events'>,
  prefix: string,
  cache: PageCache | null = null,
): Route[] {
  const { messages } = chat
  const answer = createAnswerMessage(chat, prefix)
  return [
    historyRoute(chat, prefix, cache),
    eventRoute(chat, prefix),

    userRoute(prefix, {
      method: 'POST',
      path: '/groups/:group_id/messages',
      name: 'messages.send',
      about:
        'Send a message (who may write); with `client_id` or Idempotency-Key a repeat sends nothing twice',
      body: json(NewMessage),
      headers: SendHeaders,
      answers: {
        200: { about: 'It was sent before: the message as it is now', schema: AnsweredMessage },
        201: { about: 'The message, durable', schema: AnsweredMessage },
      },
      limits: ['messages'],
      errors: ['banned', 'blocked', 'muted', 'forbidden', 'not_found', 'conflict', 'storage_full'],
      async handle({ params, body, request }, caller) {
        const key = keyOf(request.headers['idempotency-key'], body)
        const { message, repeat } = await messages.send(caller, params.group_id, {
          ...body,
          ...(key === undefined ? undefined : { client_id: key }),
        })
        return repeat
          ? answer(caller, 200, message)
          : answer(caller, 201, message, { Location: `${prefix}/messages/${message.id}` })
      },
    }),

    userRoute(prefix, {
      method: 'GET',
      path: '/messages/:message_id',
      name: 'messages.read',
      about: 'A message (who may read the group)',
      answers: { 200: { about: 'The message', schema: AnsweredMessage } },
      errors: ['banned', 'forbidden', 'not_found'],
      handle: async ({ params }, caller) =>
        answer(caller, 200, await messages.read(caller, params.message_id)),
    }),

    userRoute(prefix, {
      method: 'PUT',
      path: '/messages/:message_id',
      name: 'messages.edit',
      about: "Change one's own message",
      body: json(MessageEdit),
      answers: { 200: { about: 'The message after the edit', schema: AnsweredMessage } },
      limits: ['messages', 'edits'],
      errors: ['banned', 'blocked', 'muted', 'forbidden', 'not_found', 'storage_full'],
      handle: async ({ params, body }, caller) =>
        answer(caller, 200, await messages.edit(caller, params.message_id, body)),
    }),

    userRoute(prefix, {
      method: 'DELETE',
      path: '/messages/:message_id',
      name: 'messages.delete',
      about:
        "Delete one's own message, or another's (admins): its seq stays taken, and its text, where it is kept, is for operators",
      answers: { 204: { about: 'It is deleted' } },
      limits: ['messages', 'edits'],
      errors: ['banned', 'forbidden', 'not_found', 'storage_full'],
      async handle({ params }, caller) {
        await messages.remove(caller, params.message_id)
        return emptyReply
      },
    }),

    userRoute(prefix, {
      method: 'POST',
      path: '/messages/:message_id/restore',
      name: 'messages.restore',
      about: 'Bring a deleted message back (operators); one that is there stays as it is',
      answers: { 200: { about: 'The message, not deleted', schema: AnsweredMessage } },
      limits: ['messages', 'edits'],
      errors: ['banned', 'forbidden', 'not_found', 'wiped', 'storage_full'],
      handle: async ({ params }, caller) =>
        answer(caller, 200, await messages.restore(caller, params.message_id)),
    }),
  ]
}

/** The sender's key, from the header (which may be quoted) or the body. Where both have one, they have to agree. */
function keyOf(header: string | string[] | undefined, body: NewMessage): string | undefined {
  if (typeof header !== 'string') return body.client_id
  const key = header.replace(/^"(.*)"$/, '$1')
  validate(SendHeaders, { 'Idempotency-Key': key })
  if (body.client_id !== undefined && body.client_id !== key)
    throw invalid([{ field: 'client_id', message: 'must agree with the header Idempotency-Key' }])
  return key
}
