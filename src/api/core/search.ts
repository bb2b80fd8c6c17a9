import { type Static, Type } from 'typebox'
import type { Chat } from '../../chat/chat.ts'
import type { Search, SearchCommand } from '../../chat/search.ts'
import { limits } from '../../domain/limits.ts'
import { Id, instant, Time } from '../../domain/text.ts'
import { jsonReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'
import { AnsweredMessage, answeredExample, createAnswered } from './message-answer.ts'
import { PageSize } from './page.ts'

const SearchQuery = Type.Object({
  q: Type.String({
    description:
      'Words or their beginnings, all of which are to be found; words in quotes stand together, and a word after a minus is not there.',
  }),
  group_id: Type.Optional({ ...Id, description: "This group alone; else all of the caller's own." }),
  sender_id: Type.Optional(Type.String({ minLength: 1, maxLength: limits.userId })),
  before: Type.Optional({ ...Time, description: 'Sent at this time or before.' }),
  after: Type.Optional({ ...Time, description: 'Sent at this time or later.' }),
  has: Type.Optional(Type.Enum(['file'], { description: 'Only messages with files.' })),
  limit: Type.Optional(PageSize),
  cursor: Type.Optional(Type.String({ maxLength: 64, description: 'The `next` of the page before.' })),
})

const SearchResult = Type.Object(
  {
    message: AnsweredMessage,
    group: Type.Object({
      id: Id,
      name: Type.Union([Type.String(), Type.Null()], { description: 'null for a direct chat.' }),
    }),
    highlights: Type.Array(Type.Tuple([Type.Integer(), Type.Integer()]), {
      description: 'Where in `content` it was found: beginnings and ends, in UTF-16 units.',
    }),
  },
  { title: 'SearchResult' },
)

const SearchResults = Type.Object(
  {
    results: Type.Array(SearchResult),
    next: Type.Union([Type.String(), Type.Null()], {
      description: 'The `cursor` for what is older; null when there is no more.',
    }),
  },
  {
    title: 'SearchResults',
    examples: [
      {
        results: [
          {
            message: answeredExample,
            group: { id: answeredExample.group_id, name: 'Friends' },
            highlights: [[0, 5]],
          },
        ],
        next: null,
      },
    ],
  },
)

const defaultLimit = 20

export function searchRoute(search: Search, chat: Pick<Chat, 'reactions' | 'people'>, prefix: string): Route {
  const answered = createAnswered(chat, prefix)
  return userRoute(prefix, {
    method: 'GET',
    path: '/search',
    name: 'search',
    about: "Messages of the caller's groups, or of one group, in which words are found, newest first",
    query: SearchQuery,
    answers: { 200: { about: 'A page of what was found', schema: SearchResults } },
    limits: ['searches'],
    errors: ['malformed', 'banned', 'forbidden', 'not_found'],
    async handle({ query }, caller) {
      const { results, next } = await search.find(caller, commandOf(query))
      const messages = await answered(
        caller,
        results.map(({ message }) => message),
      )
      return jsonReply(200, {
        results: results.map(({ group: { id, name }, highlights }, i) => ({
          message: messages[i],
          // A direct chat has no name.
          group: { id, name: name || null },
          highlights,
        })),
        next,
      })
    },
  })
}

const commandOf = (query: Static<typeof SearchQuery>): SearchCommand => ({
  q: query.q,
  ...(query.group_id !== undefined && { groupId: query.group_id }),
  ...(query.sender_id !== undefined && { senderId: query.sender_id }),
  ...(query.after !== undefined && { from: instant('after', query.after) }),
  ...(query.before !== undefined && { until: instant('before', query.before) }),
  ...(query.has !== undefined && { hasFile: true }),
  limit: query.limit ?? defaultLimit,
  cursor: query.cursor ?? null,
})
