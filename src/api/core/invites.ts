import { type Static, Type } from 'typebox'
import type { Chat } from '../../chat/chat.ts'
import {
  InvitationView,
  InviteView,
  invitationView,
  inviteExample,
  inviteView,
  NewInvite,
} from '../../domain/invite.ts'
import { jsonIfAny } from '../../http/body.ts'
import { emptyReply, jsonReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'
import { AnsweredGroup, createAnsweredGroup } from './group-answer.ts'

const InviteList = Type.Object(
  { invites: Type.Array(InviteView) },
  { title: 'InviteList', examples: [{ invites: [inviteExample] }] },
)

/** Any text may stand for a code. One that is no code is that of no invite, and so 404 as well. */
const code = { params: Type.Object({ code: Type.String() }), anyText: true } as const

export function inviteRoutes(
  { invites, ...chat }: Pick<Chat, 'invites' | 'reads' | 'reactions' | 'people'>,
  prefix: string,
): Route[] {
  const answered = createAnsweredGroup(chat, prefix)
  return [
    userRoute(prefix, {
      method: 'POST',
      path: '/groups/:group_id/invites',
      name: 'invites.create',
      about: 'Make an invite, whose code lets others into the group (admins)',
      body: jsonIfAny(NewInvite),
      answers: { 201: { about: 'The invite', schema: InviteView } },
      limits: ['joins'],
      errors: ['banned', 'forbidden', 'not_found', 'limit_reached', 'storage_full'],
      handle: async ({ params, body }, caller) =>
        jsonReply(201, inviteView(await invites.create(caller, params.group_id, body))),
    }),

    userRoute(prefix, {
      method: 'GET',
      path: '/groups/:group_id/invites',
      name: 'invites.list',
      about: 'The invites that are in their time, also those that are used up, oldest first (admins)',
      answers: { 200: { about: 'The invites', schema: InviteList } },
      errors: ['banned', 'forbidden', 'not_found'],
      async handle({ params }, caller) {
        const found = await invites.list(caller, params.group_id)
        const answer: Static<typeof InviteList> = { invites: found.map(inviteView) }
        return jsonReply(200, answer)
      },
    }),

    userRoute(prefix, {
      method: 'DELETE',
      path: '/groups/:group_id/invites/:code',
      name: 'invites.revoke',
      about: 'Take an invite back (admins): from then on its code is 404',
      ...code,
      answers: { 204: { about: 'It is gone' } },
      errors: ['banned', 'forbidden', 'not_found', 'storage_full'],
      async handle({ params }, caller) {
        await invites.revoke(caller, params.group_id, params.code)
        return emptyReply
      },
    }),

    userRoute(prefix, {
      method: 'GET',
      path: '/invites/:code',
      name: 'invites.read',
      about: 'What an invite is to (whoever has its code)',
      ...code,
      answers: {
        200: { about: 'The group, as far as somebody outside of it may know', schema: InvitationView },
      },
      errors: ['not_found', 'invite_expired'],
      async handle({ params }) {
        const { invite, group } = await invites.read(params.code)
        return jsonReply(200, invitationView(invite, group))
      },
    }),

    userRoute(prefix, {
      method: 'POST',
      path: '/invites/:code/accept',
      name: 'invites.accept',
      about: 'Come into the group that the invite is to; who is in it already changes nothing',
      ...code,
      answers: { 200: { about: 'The group', schema: AnsweredGroup } },
      limits: ['joins'],
      errors: ['banned', 'not_found', 'invite_expired', 'group_full', 'storage_full'],
      handle: async ({ params }, caller) =>
        jsonReply(200, await answered(caller, await invites.accept(caller, params.code))),
    }),
  ]
}
