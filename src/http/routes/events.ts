import { Type } from 'typebox'
import type { Events } from '../../chat/events.ts'
import { GroupView } from '../../domain/group.ts'
import { limits } from '../../domain/limits.ts'
import { MessageView } from '../../domain/message.ts'
import { Id } from '../../domain/text.ts'
import { jsonReply } from '../reply.ts'
import { type Route, userRoute } from '../route.ts'
import { PageSize } from './page.ts'

const every = { group_id: Id, cursor: Type.String() }

const Event = Type.Union(
  [
    Type.Object({ type: Type.Literal('new_message'), ...every, message: MessageView }),
    Type.Object({ type: Type.Literal('message_updated'), ...every, message: MessageView }),
    Type.Object({
      type: Type.Literal('message_deleted'),
      ...every,
      message_id: Id,
      seq: Type.Integer({ minimum: 1 }),
    }),
    Type.Object({ type: Type.Literal('member_added'), ...every, user_id: Type.String() }),
    Type.Object({ type: Type.Literal('member_removed'), ...every, user_id: Type.String() }),
    Type.Object({
      type: Type.Literal('group_updated'),
      ...every,
      group: Type.Omit(GroupView, ['authorized_user_ids']),
    }),
    Type.Object({ type: Type.Literal('resync'), ...every, reason: Type.String() }),
  ],
  { title: 'Event', description: "The same as a socket's." },
)

const EventPage = Type.Object(
  {
    events: Type.Array(Event),
    cursor: Type.String({ description: 'Where to go on.' }),
    has_more: Type.Boolean(),
  },
  { title: 'EventPage' },
)

export function eventRoute(events: Events, prefix: string): Route {
  return userRoute(prefix, {
    method: 'GET',
    path: '/groups/:group_id/events',
    name: 'events.list',
    about: 'What happened after a cursor; without one, only the present cursor (members)',
    query: Type.Object({
      after: Type.Optional(Type.String({ description: 'A cursor, as it was received.' })),
      limit: Type.Optional(PageSize),
    }),
    answers: { 200: { about: 'Events, in order', schema: EventPage } },
    errors: ['forbidden', 'not_found'],
    handle: async ({ params, query }, caller) =>
      jsonReply(
        200,
        await events.since(caller, params.group_id, query.after, query.limit ?? limits.defaultPageSize),
      ),
  })
}
