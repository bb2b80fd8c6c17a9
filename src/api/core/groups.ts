import { type Static, Type } from 'typebox'
import type { Chat } from '../../chat/chat.ts'
import type { Caller } from '../../domain/caller.ts'
import { GroupChanges, type GroupWithMembers, groupTag, NewGroup } from '../../domain/group.ts'
import { limits } from '../../domain/limits.ts'
import { json } from '../../http/body.ts'
import { emptyReply, jsonReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'
import { AnsweredGroup, createAnsweredGroup, createOpenedReply } from './group-answer.ts'
import { createListedGroups, ListedGroup, listedGroupExample } from './listed-group.ts'
import { Page, PageSize } from './page.ts'

const GroupPage = Type.Object(
  {
    groups: Type.Array(ListedGroup),
    total: Type.Integer({ minimum: 0 }),
    page: Page,
    page_size: PageSize,
    has_more: Type.Boolean(),
  },
  {
    title: 'GroupPage',
    examples: [{ groups: [listedGroupExample], total: 1, page: 1, page_size: 50, has_more: false }],
  },
)

const Listing = Type.Object({
  scope: Type.Optional(
    Type.Enum(['mine', 'open'], {
      description:
        "`mine` unless given: the caller's own groups. `open`: the open ones that the caller is not banned from.",
    }),
  ),
  sort: Type.Optional(
    Type.Enum(['name', 'created', 'activity'], {
      description: '`created` unless given: the newest first. `activity`: the latest message first.',
    }),
  ),
  q: Type.Optional(
    Type.String({
      maxLength: limits.groupName,
      description: 'The name begins so, or one of its words, in whatever case.',
    }),
  ),
  hidden: Type.Optional(
    Type.Enum(['true', 'false'], { description: 'Also the groups that the caller has hidden.' }),
  ),
  page: Type.Optional(Page),
  page_size: Type.Optional(PageSize),
})

export function groupRoutes(
  { groups, ...chat }: Pick<Chat, 'groups' | 'preferences' | 'reads' | 'reactions' | 'people'>,
  prefix: string,
): Route[] {
  const listed = createListedGroups(chat, prefix)
  const answered = createAnsweredGroup(chat, prefix)
  const openedReply = createOpenedReply(chat, prefix)

  const reply = async (caller: Caller, group: GroupWithMembers) =>
    jsonReply(200, await answered(caller, group), { ETag: `"${groupTag(group)}"` })

  return [
    userRoute(prefix, {
      method: 'GET',
      path: '/groups',
      name: 'groups.list',
      about:
        "The caller's groups, each with what the caller has read of it: those that are pinned first, then by `sort`",
      query: Listing,
      answers: { 200: { about: 'A page of groups', schema: GroupPage } },
      errors: [],
      async handle({ query }, caller) {
        const { page = 1, page_size = limits.defaultPageSize, hidden, sort, q } = query
        const offset = (page - 1) * page_size
        const listing = { offset, limit: page_size, hidden: hidden === 'true', sort, q }
        if (query.scope === 'open') {
          const { own, ...open } = await groups.listOpen(caller, listing)
          const views = await listed(caller, open.groups)
          return pageReply(
            { ...open, groups: views.map((view) => ({ ...view, is_member: own.has(view.id) })) },
            page,
            page_size,
          )
        }
        const found = await groups.list(caller, listing)
        return pageReply({ ...found, groups: await listed(caller, found.groups) }, page, page_size)
      },
    }),

    userRoute(prefix, {
      method: 'POST',
      path: '/groups',
      name: 'groups.create',
      about:
        'Make a group; the caller is its owner and a member. With a `key` that they used before, the group that there is',
      body: json(NewGroup),
      answers: {
        200: { about: 'The group of this key', schema: AnsweredGroup },
        201: { about: 'The group', schema: AnsweredGroup },
      },
      limits: ['groups'],
      errors: ['banned', 'forbidden', 'group_full', 'storage_full'],
      async handle({ body }, caller) {
        return openedReply(caller, await groups.create(caller, body))
      },
    }),

    userRoute(prefix, {
      method: 'GET',
      path: '/groups/:group_id',
      name: 'groups.read',
      about: 'A group (who may read it)',
      answers: { 200: { about: 'The group, with all of its members', schema: AnsweredGroup } },
      errors: ['banned', 'forbidden', 'not_found'],
      handle: async ({ params }, caller) => reply(caller, await groups.read(caller, params.group_id)),
    }),

    userRoute(prefix, {
      method: 'PUT',
      path: '/groups/:group_id',
      name: 'groups.change',
      about:
        'Change name, description and metadata (admins), visibility, post policy, retention or the whole list of members ' +
        '(owners); what is left out stays. ' +
        'The list of a group of more than 100 members needs If-Match with the ETag of the group',
      headers: Type.Object({ 'If-Match': Type.Optional(Type.String()) }),
      body: json(GroupChanges),
      answers: { 200: { about: 'The group after the change', schema: AnsweredGroup } },
      limits: ['groups'],
      errors: [
        'banned',
        'forbidden',
        'not_found',
        'user_banned',
        'last_owner',
        'group_full',
        'precondition_failed',
        'precondition_required',
        'storage_full',
      ],
      async handle({ request, params, body }, caller) {
        const ifTag = tagOf(request.headers['if-match'])
        return reply(caller, await groups.change(caller, params.group_id, body, ifTag))
      },
    }),

    userRoute(prefix, {
      method: 'DELETE',
      path: '/groups/:group_id',
      name: 'groups.delete',
      about: 'Delete the group and its messages (owners)',
      answers: { 204: { about: 'It is gone' } },
      errors: ['banned', 'forbidden', 'not_found', 'storage_full'],
      async handle({ params }, caller) {
        await groups.remove(caller, params.group_id)
        return emptyReply
      },
    }),
  ]
}

const pageReply = (
  found: Pick<Static<typeof GroupPage>, 'groups' | 'total'>,
  page: number,
  page_size: number,
) => jsonReply(200, { ...found, page, page_size, has_more: page * page_size < found.total })

/**
 * The tag without its quotes. `W/` is taken off as well, because a proxy that compresses makes a tag weak. `*` asks only that
 * there is such a group (RFC 9110, 13.1.1), so it tells nothing of what its sender has read.
 */
function tagOf(given = '*'): string | undefined {
  const tag = given.trim()
  return tag === '*' ? undefined : tag.replace(/^(?:W\/)?"(.*)"$/, '$1')
}
