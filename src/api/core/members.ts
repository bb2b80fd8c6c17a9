import { type Static, Type } from 'typebox'
import type { Chat } from '../../chat/chat.ts'
import { limits } from '../../domain/limits.ts'
import { type Member, MemberChanges, MemberView, memberView, Role } from '../../domain/member.ts'
import { UserId } from '../../domain/text.ts'
import { invalid } from '../../domain/validate.ts'
import { json } from '../../http/body.ts'
import { emptyReply, jsonReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'
import { AnsweredGroup, createAnsweredGroup } from './group-answer.ts'
import { PageSize } from './page.ts'

const memberExample = {
  user_id: 'bob',
  username: 'bob',
  display_name: 'bob',
  role: 'admin',
  joined_at: '2026-01-01T00:00:00.000Z',
  muted_until: null,
  online: true,
}

/** A member as answers show them. Events leave out who is online, which passes. */
const AnsweredMember = Type.Object(
  { ...MemberView.properties, online: Type.Boolean({ description: 'Has a connection in the group.' }) },
  { title: 'AnsweredMember', examples: [memberExample] },
)

const MemberList = Type.Object(
  {
    members: Type.Array(AnsweredMember),
    total: Type.Integer({ minimum: 0 }),
    next: Type.Union([Type.String(), Type.Null()], { description: 'Send it as `after`; null at the end.' }),
  },
  { title: 'MemberPage', examples: [{ members: [memberExample], total: 1, next: null }] },
)

const AddedMembers = Type.Object(
  { members: Type.Array(AnsweredMember) },
  { title: 'AddedMembers', examples: [{ members: [memberExample] }] },
)

const NewMembers = Type.Object(
  {
    user_id: Type.Optional(UserId),
    user_ids: Type.Optional(Type.Array(UserId, { minItems: 1, maxItems: limits.addedMembers })),
  },
  {
    title: 'NewMembers',
    description: 'Either one user or several, who are added all or none.',
    examples: [{ user_id: 'bob' }, { user_ids: ['bob', 'carol'] }],
  },
)

export function memberRoutes(
  { members, ...chat }: Pick<Chat, 'members' | 'reads' | 'reactions' | 'people'>,
  prefix: string,
): Route[] {
  const answeredGroup = createAnsweredGroup(chat, prefix)

  const answered = (groupId: string) => {
    const isOnline = members.online(groupId)
    return (member: Member): Static<typeof AnsweredMember> => ({
      ...memberView(member, chat.people.of),
      online: isOnline(member.userId),
    })
  }
  const ofOne = {
    path: '/groups/:group_id/members/:user_id',
    params: Type.Object({ user_id: UserId }),
    limits: ['groups'],
  } as const

  return [
    userRoute(prefix, {
      method: 'GET',
      path: '/groups/:group_id/members',
      name: 'members.list',
      about: 'Who is in the group: owners, admins, then the others, each in the order of joining',
      query: Type.Object({
        role: Type.Optional(Role),
        q: Type.Optional(
          Type.String({
            maxLength: limits.userId,
            description: 'A word of the id, the username or the display name begins so, in whatever case.',
          }),
        ),
        limit: Type.Optional(PageSize),
        after: Type.Optional(Type.String({ description: '`next` of the page before.' })),
      }),
      answers: { 200: { about: 'A page of members', schema: MemberList } },
      errors: ['banned', 'forbidden', 'not_found'],
      async handle({ params: { group_id }, query }, caller) {
        const page = await members.list(caller, group_id, { ...query, limit: query.limit ?? limits.pageSize })
        const answer: Static<typeof MemberList> = {
          members: page.members.map(answered(group_id)),
          total: page.total,
          next: page.next,
        }
        return jsonReply(200, answer)
      },
    }),

    userRoute(prefix, {
      method: 'POST',
      path: '/groups/:group_id/members',
      name: 'members.add',
      about: 'Add one user or several, all or none (admins)',
      body: json(NewMembers),
      answers: {
        200: { about: 'All of them are members already', schema: AddedMembers },
        201: { about: 'Those who were none', schema: AddedMembers },
      },
      limits: ['groups'],
      errors: ['banned', 'forbidden', 'not_found', 'user_banned', 'group_full', 'storage_full'],
      async handle({ params: { group_id }, body }, caller) {
        const added = await members.add(caller, group_id, usersOf(body))
        return jsonReply(added.length ? 201 : 200, { members: added.map(answered(group_id)) })
      },
    }),

    userRoute(prefix, {
      ...ofOne,
      method: 'PATCH',
      name: 'members.change',
      about: 'Change the role of a member (owners), or mute them (those of a higher role)',
      body: json(MemberChanges),
      answers: { 200: { about: 'The member after the change', schema: AnsweredMember } },
      errors: ['banned', 'forbidden', 'not_found', 'last_owner', 'limit_reached', 'storage_full'],
      handle: async ({ params: { group_id, user_id }, body }, caller) =>
        jsonReply(200, answered(group_id)(await members.change(caller, group_id, user_id, body))),
    }),

    userRoute(prefix, {
      ...ofOne,
      method: 'DELETE',
      name: 'members.remove',
      about:
        'Leave, or remove a member of a lower role (admins). With an owner who is alone the group is deleted',
      answers: { 204: { about: 'They are no member any more' } },
      errors: ['banned', 'forbidden', 'not_found', 'last_owner', 'storage_full'],
      async handle({ params: { group_id, user_id } }, caller) {
        await members.remove(caller, group_id, user_id)
        return emptyReply
      },
    }),

    userRoute(prefix, {
      method: 'POST',
      path: '/groups/:group_id/join',
      name: 'groups.join',
      about: 'Become a member of an open group; again changes nothing',
      answers: { 200: { about: 'The group, with the first 100 of its members', schema: AnsweredGroup } },
      limits: ['joins'],
      errors: ['banned', 'forbidden', 'not_found', 'group_full', 'storage_full'],
      handle: async ({ params }, caller) =>
        jsonReply(200, await answeredGroup(caller, await members.join(caller, params.group_id))),
    }),
  ]
}

/** Throws invalid unless just one of the two fields is given. */
function usersOf({ user_id, user_ids }: Static<typeof NewMembers>): readonly string[] {
  if (user_id !== undefined && user_ids === undefined) return [user_id]
  if (user_ids !== undefined && user_id === undefined) return user_ids
  const message = 'is required, or else user_ids, and not both'
  throw invalid([{ field: 'user_id', message }])
}
