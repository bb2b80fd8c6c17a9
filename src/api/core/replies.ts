import { type Static, Type } from 'typebox'
import type { Chat } from '../../chat/chat.ts'
import { limits } from '../../domain/limits.ts'
import { jsonReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'
import { AnsweredMessage, answeredExample, createAnswered } from './message-answer.ts'
import { PageSize } from './page.ts'

const ReplyQuery = Type.Object({
  limit: Type.Optional(PageSize),
  after: Type.Optional(
    Type.String({ pattern: '^[0-9]{1,15}$', description: 'The `next` of the page before.' }),
  ),
})

const answer = {
  ...answeredExample,
  id: '65920080c0ffee0000000003',
  seq: 8,
  reply_to: answeredExample.id,
  thread_id: answeredExample.id,
  reply_count: 0,
}

const ReplyPage = Type.Object(
  {
    messages: Type.Array(AnsweredMessage),
    next: Type.Union([Type.String(), Type.Null()], { description: 'null when there are no more.' }),
  },
  { title: 'ReplyPage', examples: [{ messages: [answer], next: '8' }] },
)

export function replyRoutes(
  { replies, ...chat }: Pick<Chat, 'replies' | 'reactions' | 'people'>,
  prefix: string,
): Route[] {
  const answered = createAnswered(chat, prefix)

  const route = (list: keyof Chat['replies'], path: string, name: string, about: string): Route =>
    userRoute(prefix, {
      method: 'GET',
      path: `/messages/:message_id/${path}`,
      name,
      about,
      query: ReplyQuery,
      answers: { 200: { about: 'A page of messages', schema: ReplyPage } },
      errors: ['banned', 'forbidden', 'not_found'],
      async handle({ params, query }, caller) {
        const { limit = limits.defaultPageSize, after = '0' } = query
        const page = { after: Number(after), limit: limit + 1 }
        const found = await replies[list](caller, params.message_id, page)
        const messages = found.slice(0, limit)
        const body: Static<typeof ReplyPage> = {
          messages: await answered(caller, messages),
          next: found.length > limit ? `${messages.at(-1)?.seq}` : null,
        }
        return jsonReply(200, body)
      },
    })

  return [
    route('direct', 'replies', 'replies.list', 'The direct answers to a message, oldest first (members)'),
    route(
      'thread',
      'thread',
      'replies.thread',
      'The thread of a message: its first one and all answers below, oldest first (members)',
    ),
  ]
}
