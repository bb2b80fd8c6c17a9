import { Type } from 'typebox'
import type { Chat } from '../../chat/chat.ts'
import { type Ban, BanView, banExample, banView, NewBan } from '../../domain/ban.ts'
import { UserId } from '../../domain/text.ts'
import { jsonIfAny } from '../../http/body.ts'
import { emptyReply, jsonReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'

const BanList = Type.Object(
  { bans: Type.Array(BanView) },
  { title: 'BanList', examples: [{ bans: [banExample] }] },
)

export function banRoutes({ bans, people }: Pick<Chat, 'bans' | 'people'>, prefix: string): Route[] {
  const view = (ban: Ban) => banView(ban, people.of)
  const ofOne = {
    path: '/groups/:group_id/bans/:user_id',
    params: Type.Object({ user_id: UserId }),
    limits: ['groups'],
  } as const
  return [
    userRoute(prefix, {
      method: 'GET',
      path: '/groups/:group_id/bans',
      name: 'bans.list',
      about: 'Who is banned from the group, oldest first (admins)',
      answers: { 200: { about: 'The bans that count now', schema: BanList } },
      errors: ['banned', 'forbidden', 'not_found'],
      handle: async ({ params }, caller) =>
        jsonReply(200, { bans: (await bans.list(caller, params.group_id)).map(view) }),
    }),

    userRoute(prefix, {
      ...ofOne,
      method: 'PUT',
      name: 'bans.put',
      about: 'Ban a user, a member or not, from now on or until a time (admins); again replaces the ban',
      body: jsonIfAny(NewBan),
      answers: { 200: { about: 'The ban', schema: BanView } },
      errors: ['banned', 'forbidden', 'not_found', 'limit_reached', 'storage_full'],
      handle: async ({ params: { group_id, user_id }, body }, caller) =>
        jsonReply(200, view(await bans.put(caller, group_id, user_id, body))),
    }),

    userRoute(prefix, {
      ...ofOne,
      method: 'DELETE',
      name: 'bans.remove',
      about: 'Take a ban back (admins). Membership does not come back by itself',
      answers: { 204: { about: 'The user is not banned any more' } },
      errors: ['banned', 'forbidden', 'not_found', 'storage_full'],
      async handle({ params: { group_id, user_id } }, caller) {
        await bans.remove(caller, group_id, user_id)
        return emptyReply
      },
    }),
  ]
}
