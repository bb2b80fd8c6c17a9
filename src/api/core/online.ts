import { Type } from 'typebox'
import type { Chat } from '../../chat/chat.ts'
import { limits } from '../../domain/limits.ts'
import { OnlineUserView, onlineUserView } from '../../domain/online.ts'
import { jsonReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'

const OnlineView = Type.Object(
  {
    users: Type.Array(OnlineUserView, { maxItems: limits.onlineUsers }),
    total: Type.Integer({ minimum: 0 }),
  },
  {
    title: 'Online',
    examples: [
      { users: [{ user_id: 'bob', username: 'bob', display_name: 'bob', connections: 2 }], total: 1 },
    ],
  },
)

export function onlineRoute({ online, people }: Pick<Chat, 'online' | 'people'>, prefix: string): Route {
  return userRoute(prefix, {
    method: 'GET',
    path: '/groups/:group_id/online',
    name: 'online.list',
    about: `Who is connected to the group, on all instances, at most ${limits.onlineUsers} of them (who may read it)`,
    answers: { 200: { about: 'They, by their ids, and how many there are', schema: OnlineView } },
    errors: ['banned', 'forbidden', 'not_found'],
    async handle({ params: { group_id } }, caller) {
      const { users, total } = await online.list(caller, group_id)
      return jsonReply(200, { users: users.map((user) => onlineUserView(user, people.of)), total })
    },
  })
}
