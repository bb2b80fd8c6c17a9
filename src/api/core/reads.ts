import { Type } from 'typebox'
import type { Chat } from '../../chat/chat.ts'
import { limits } from '../../domain/limits.ts'
import {
  NewReadMark,
  ReadMarkView,
  ReadStateView,
  readMarkExample,
  readMarkView,
  readStateView,
} from '../../domain/read.ts'
import { json } from '../../http/body.ts'
import { jsonReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'

const ReadMarks = Type.Object(
  { reads: Type.Array(ReadMarkView, { maxItems: limits.readMarks }) },
  { title: 'ReadMarks', examples: [{ reads: [readMarkExample] }] },
)

export function readRoutes({ reads, people }: Pick<Chat, 'reads' | 'people'>, prefix: string): Route[] {
  return [
    userRoute(prefix, {
      method: 'PUT',
      path: '/groups/:group_id/read',
      name: 'reads.mark',
      about:
        'Mark all messages up to one as read (members); a lower one changes nothing, and is answered with what is',
      body: json(NewReadMark),
      answers: {
        200: { about: 'Up to where the caller has read now, and what is unread', schema: ReadStateView },
      },
      limits: ['reads'],
      errors: ['banned', 'forbidden', 'not_found', 'storage_full'],
      handle: async ({ params, body }, caller) =>
        jsonReply(200, readStateView(await reads.mark(caller, params.group_id, body.seq))),
    }),

    userRoute(prefix, {
      method: 'GET',
      path: '/groups/:group_id/reads',
      name: 'reads.list',
      about: `Who has read up to where, most read first, at most ${limits.readMarks} (members)`,
      answers: { 200: { about: 'They, with when they did', schema: ReadMarks } },
      errors: ['banned', 'forbidden', 'not_found'],
      async handle({ params }, caller) {
        const marks = await reads.list(caller, params.group_id)
        return jsonReply(200, { reads: marks.map((mark) => readMarkView(mark, people.of)) })
      },
    }),
  ]
}
