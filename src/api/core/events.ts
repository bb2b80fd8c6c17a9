import { Type } from 'typebox'
import type { Chat } from '../../chat/chat.ts'
import { limits } from '../../domain/limits.ts'
import { jsonReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'
import { PageSize } from './page.ts'
import { EventView, writeEvent } from './vocabulary.ts'

const EventPage = Type.Object(
  {
    events: Type.Array(EventView),
    cursor: Type.String({ description: 'Where to go on.' }),
    has_more: Type.Boolean(),
  },
  {
    title: 'EventPage',
    examples: [
      {
        events: [
          {
            type: 'message_deleted',
            group_id: '65920080c0ffee0000000001',
            cursor: 'aeee845ad8d3.7.4',
            message_id: '65920080c0ffee0000000002',
            seq: 7,
            by: 'alice',
          },
        ],
        cursor: 'aeee845ad8d3.7.4',
        has_more: false,
      },
    ],
  },
)

export function eventRoute({ events, people }: Pick<Chat, 'events' | 'people'>, prefix: string): Route {
  return userRoute(prefix, {
    method: 'GET',
    path: '/groups/:group_id/events',
    name: 'events.list',
    about: 'What happened after a cursor; without one, only the present cursor (who may read the group)',
    query: Type.Object({
      after: Type.Optional(Type.String({ description: 'A cursor, as it was received.' })),
      limit: Type.Optional(PageSize),
    }),
    answers: { 200: { about: 'Events, in order', schema: EventPage } },
    errors: ['banned', 'forbidden', 'not_found'],
    async handle({ params: { group_id }, query }, caller) {
      const { after, limit = limits.defaultPageSize } = query
      const { events: found, resync, cursor, more } = await events.since(caller, group_id, after, limit)
      const answer = {
        events: resync
          ? [{ type: 'resync', group_id, cursor, reason: resync }]
          : found.map(({ event, cursor }) => ({ ...writeEvent(event, prefix, people.of), cursor })),
        cursor,
        has_more: more,
      }
      return jsonReply(200, answer)
    },
  })
}
