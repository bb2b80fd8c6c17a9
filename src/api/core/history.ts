import { type Static, Type } from 'typebox'
import type { Chat } from '../../chat/chat.ts'
import type { Caller } from '../../domain/caller.ts'
import { limits } from '../../domain/limits.ts'
import type { MessagePage } from '../../domain/message.ts'
import { invalid } from '../../domain/validate.ts'
import { type Route, userRoute } from '../../http/route.ts'
import { AnsweredMessage, answeredExample } from './message-answer.ts'
import { pageFor, renderPage } from './message-page.ts'
import { Page, PageSize } from './page.ts'
import type { PageCache } from './page-cache.ts'

const Seq = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

const HistoryQuery = Type.Object({
  page: Type.Optional(Page),
  page_size: Type.Optional(PageSize),
  limit: Type.Optional(PageSize),
  before: Type.Optional(Seq),
  after: Type.Optional(Seq),
  include_deleted: Type.Optional(
    Type.Union([Type.Literal('true'), Type.Literal('false')], {
      description: 'Deleted messages too, with the text that is kept (operators).',
    }),
  ),
  order: Type.Optional(Type.Union([Type.Literal('desc'), Type.Literal('asc')])),
  threads: Type.Optional(Type.Literal('roots', { description: 'Without the messages that answer others.' })),
})

const HistoryPage = Type.Object(
  {
    messages: Type.Array(AnsweredMessage),
    total: Type.Integer({ minimum: 0, description: 'Of all messages, also with `threads=roots`.' }),
    page: Type.Union([Page, Type.Null()], { description: 'null for a page by `before` or `after`.' }),
    page_size: PageSize,
    has_more: Type.Boolean({ description: 'There is more in the direction of the page.' }),
    cursor: Type.String({
      description: 'Of the moment before the page: a socket opened with it misses nothing.',
    }),
  },
  {
    title: 'HistoryPage',
    examples: [
      {
        messages: [answeredExample],
        total: 7,
        page: 1,
        page_size: 1,
        has_more: true,
        cursor: 'aeee845ad8d3.7.3',
      },
    ],
  },
)

export type HistoryChat = Pick<Chat, 'messages' | 'reactions' | 'people'>

/** `cache` is null on a store that others write to. */
export function historyRoute(chat: HistoryChat, prefix: string, cache: PageCache | null): Route {
  const { messages, reactions, people } = chat

  async function read(caller: Caller, groupId: string, { part, page, ascending, withDeleted }: Plan) {
    const history = withDeleted
      ? await messages.listWithDeleted(caller, groupId, part)
      : await messages.list(caller, groupId, part)
    const inOrder = ascending === 'after' in part ? history.messages : history.messages.toReversed()
    const rest: Omit<Static<typeof HistoryPage>, 'messages'> = {
      total: history.total,
      page,
      page_size: part.limit,
      has_more: history.more,
      cursor: history.cursor,
    }
    return { cursor: history.cursor, page: renderPage(inOrder, rest, prefix, people) }
  }

  /** Does the same as `read`, by the cache where it can. The caller's access is checked for a cached page too. */
  async function readCached(pages: PageCache, caller: Caller, groupId: string, plan: Plan) {
    const keyAt = (cursor: string) => `${groupId} ${cursor} ${plan.key}`
    const cached = pages.get(keyAt(await messages.cursor(caller, groupId)))
    if (cached) return cached
    const { cursor, page } = await read(caller, groupId, plan)
    pages.set(keyAt(cursor), page)
    return page
  }

  return userRoute(prefix, {
    method: 'GET',
    path: '/groups/:group_id/messages',
    name: 'messages.list',
    about: 'Messages, newest first: by page, or at any depth by `before` or `after` a seq (members)',
    query: HistoryQuery,
    answers: { 200: { about: 'A page of messages', schema: HistoryPage } },
    errors: ['banned', 'forbidden', 'not_found'],
    async handle({ params, query }, caller) {
      const plan = planOf(query)
      const page =
        cache && !plan.withDeleted
          ? await readCached(cache, caller, params.group_id, plan)
          : (await read(caller, params.group_id, plan)).page
      const body = pageFor(page, await reactions.own(caller, page.reacted))
      return { status: 200, type: 'application/json', body }
    },
  })
}

/** What a query asks for. */
interface Plan {
  readonly part: MessagePage
  readonly page: number | null
  readonly ascending: boolean
  /** Such a page is for operators, and never kept. */
  readonly withDeleted: boolean
  /** A text that is the same for the same plan, and only for it. */
  readonly key: string
}

/** Throws invalid. */
function planOf(query: Static<typeof HistoryQuery>): Plan {
  const { before, after, page, page_size, order = 'desc', threads } = query
  const limit = query.limit ?? page_size ?? limits.defaultPageSize
  if (page_size !== undefined && page_size !== limit) throw clash('limit', 'page_size')
  const plan = (part: MessagePage, number: number | null, where: string): Plan => ({
    part: { ...part, ...(threads && { roots: true }) },
    page: number,
    ascending: order === 'asc',
    withDeleted: query.include_deleted === 'true',
    key: `${where} ${limit} ${order} ${threads ?? ''}`,
  })
  if (before === undefined && after === undefined) {
    const number = page ?? 1
    if (number * limit > limits.pageDepth) throw tooDeep()
    return plan({ offset: (number - 1) * limit, limit }, number, `page ${number}`)
  }
  if (page !== undefined) throw clash('page', before === undefined ? 'after' : 'before')
  if (after === undefined) return plan({ before: before ?? 0, limit }, null, `before ${before}`)
  if (before !== undefined) throw clash('before', 'after')
  return plan({ after, limit }, null, `after ${after}`)
}

const clash = (field: string, other: string) =>
  invalid([{ field, message: `cannot be combined with ${other}` }])

const tooDeep = () =>
  invalid([
    {
      field: 'page',
      message: `times page_size can be at most ${limits.pageDepth}: for older messages send before=SEQ, with the lowest seq you have`,
    },
  ])
