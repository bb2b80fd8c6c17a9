import { Type } from 'typebox'
import { type Range, ranges } from '../../observe/history.ts'
import { type Report, report } from '../../observe/report.ts'
import type { Sources } from '../../observe/sources.ts'
import { json } from '../body.ts'
import { htmlReply } from '../html.ts'
import type { Operator } from '../operator.ts'
import { emptyReply, jsonReply, type Reply } from '../reply.ts'
import { publicRoute, type Route } from '../route.ts'

/** HTML that holds its styles and scripts. */
export interface DashboardPages {
  readonly dashboard: string
  readonly login: string
}

const sections: (keyof Report)[] = [
  'status',
  'system',
  'database',
  'websocket',
  'performance',
  'endpoints',
  'recent',
]

const Data = Type.Object(Object.fromEntries(sections.map((name) => [name, Type.Unknown()])), {
  title: 'DashboardData',
  description: 'docs/operations.md says what each figure means.',
})

export function dashboardRoutes(sources: Sources, operator: Operator, pages: DashboardPages): Route[] {
  const dashboard = htmlReply(pages.dashboard)
  const login = unauthenticated(htmlReply(pages.login))
  return [
    publicRoute({
      method: 'GET',
      path: '/dashboard',
      name: 'dashboard',
      about: 'The page for operators; a login form where DASHBOARD_TOKEN is set',
      answers: {
        200: { about: 'The page', types: ['text/html'] },
        401: { about: 'The login form', types: ['text/html'] },
      },
      errors: [],
      handle: ({ request }) => (operator.isKnown(request) ? dashboard : login),
    }),

    publicRoute({
      method: 'GET',
      path: '/dashboard/api/data',
      name: 'dashboard.data',
      about: 'All that the dashboard shows',
      query: Type.Object({
        range: Type.Optional(
          Type.Union(
            Object.keys(ranges).map((range) => Type.Literal(range as Range)),
            { description: 'How far back the pictures go; 1h unless given' },
          ),
        ),
        after: Type.Optional(
          Type.Integer({
            minimum: 0,
            description: "The pictures' samples since then, in milliseconds since 1970",
          }),
        ),
      }),
      answers: { 200: { about: 'The figures', schema: Data } },
      errors: ['unauthenticated'],
      async handle({ request, query }) {
        operator.require(request)
        return jsonReply(200, await report(sources, query.after ?? 0, query.range ?? '1h'))
      },
    }),

    publicRoute({
      method: 'POST',
      path: '/dashboard/login',
      name: 'dashboard.login',
      about: 'Changes DASHBOARD_TOKEN into a cookie',
      body: json(Type.Object({ token: Type.String({ maxLength: 1_024 }) })),
      answers: { 204: { about: 'The cookie is set' } },
      limits: ['logins'],
      errors: ['unauthenticated', 'rate_limited'],
      handle: ({ request, body }) => ({
        ...emptyReply,
        headers: { 'Set-Cookie': operator.logIn(request, body.token) },
      }),
    }),
  ]
}

/** RFC 9110, 15.5.2: a 401 names a way to authenticate. */
const unauthenticated = (reply: Reply): Reply => ({
  ...reply,
  status: 401,
  headers: { ...reply.headers, 'WWW-Authenticate': 'Bearer' },
})
