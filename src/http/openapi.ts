import { STATUS_CODES } from 'node:http'
import type { TObject, TSchema } from 'typebox'
import { Id } from '../domain/text.ts'
import { type AnyErrorCode, errorCodes } from '../protocol/error-codes.ts'
import { type Body, kindsOf } from './body.ts'
import { Problem } from './problem.ts'
import type { Route } from './route.ts'

/** The routes as an OpenAPI 3.1 document. Schemas with a title become components of that name. */
export function openApi(
  routes: readonly Route[],
  { version, prefix }: { version: string; prefix: string },
): object {
  const schemas: Record<string, object> = {}
  const refer = createReferences(schemas)
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, refer) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'chat-api',
      version,
      description: 'Group chat over REST and WebSocket. What happens live is told on the WebSocket.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: tagsOf(routes, prefix),
    paths,
    components: {
      schemas,
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'Issued by the auth-api.',
        },
      },
    },
  }
}

type Refer = (schema: TSchema) => object

/** Replaces titled schemas, at any depth, by references to components, which it collects in `schemas`. */
function createReferences(schemas: Record<string, object>): Refer {
  const copy = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(copy)
    if (typeof value !== 'object' || value === null) return value
    const { title } = value as { title?: unknown }
    const copied = () => Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copy(part)]))
    if (typeof title !== 'string') return copied()
    schemas[title] ??= copied()
    return { $ref: `#/components/schemas/${title}` }
  }
  return (schema) => copy(schema) as object
}

function operation(route: Route, refer: Refer): object {
  const answers: Record<number, object> = {}
  for (const [status, { about, schema, types = schema ? ['application/json'] : [] }] of Object.entries(
    route.answers,
  ))
    answers[Number(status)] = {
      description: about,
      ...(types.length > 0 && {
        content: Object.fromEntries(
          types.map((type) => [
            type,
            { schema: schema && type.endsWith('json') ? refer(schema) : { type: 'string' } },
          ]),
        ),
      }),
    }
  for (const [status, codes] of Map.groupBy(errorsOf(route), (code) => errorCodes[code].status)) {
    // A status that the route itself answers differently, as health does, is told by its own schema.
    answers[status] ??= {
      description: `${STATUS_CODES[status]}: ${codes.join(', ')}`,
      content: { 'application/problem+json': { schema: refer(Problem) } },
    }
  }
  const parameters = parametersOf(route, refer)
  return {
    operationId: route.name,
    summary: route.about,
    tags: [tagOf(route)],
    security: route.auth === false ? [] : [{ token: [] }, ...(route.auth === 'maybe' ? [{}] : [])],
    ...(parameters.length && { parameters }),
    ...(route.body && {
      requestBody: {
        required: !kindsOf(route.body).some((kind) => kind.isOptional),
        content: contentOf(route.body, refer),
      },
    }),
    responses: answers,
  }
}

const contentOf = (body: Body, refer: Refer): object =>
  Object.fromEntries(kindsOf(body).map(({ type, schema }) => [type, schema ? { schema: refer(schema) } : {}]))

/** What every such route may answer, and what this one may. */
export function errorsOf(route: Route): Set<AnyErrorCode> {
  const { auth, body, query, path, errors, unlimited } = route
  return new Set<AnyErrorCode>([
    ...(auth ? (['unauthenticated', 'unavailable'] as const) : []),
    ...(unlimited ? [] : (['rate_limited'] as const)),
    ...(body ? (['malformed', 'timeout', 'too_large', 'unsupported_media_type', 'invalid'] as const) : []),
    ...(query || path.includes(':') ? (['malformed', 'invalid'] as const) : []),
    ...errors,
    'internal',
  ])
}

const parametersOf = ({ path, params, query, headers }: Route, refer: Refer): object[] => [
  ...[...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: refer(params?.properties[name ?? ''] ?? Id),
  })),
  ...parameters('query', query, refer),
  ...parameters('header', headers, refer),
]

const parameters = (place: string, schema: TObject | undefined, refer: Refer): object[] =>
  Object.entries(schema?.properties ?? {}).map(([name, each]) => ({
    name,
    in: place,
    required: schema?.required?.includes(name) ?? false,
    schema: refer(each),
  }))

/** A noun's routes are named by it. */
const tagOf = ({ name }: Route): string => (name.includes('.') ? (name.split('.')[0] ?? name) : 'service')

const tagsOf = (routes: readonly Route[], prefix: string): object[] =>
  [...Map.groupBy(routes, tagOf)].map(([name, tagged]) => ({
    name,
    description: name === 'service' ? 'The service itself; open to all.' : placeOf(tagged, prefix),
  }))

const placeOf = (routes: readonly Route[], prefix: string): string =>
  routes.every(({ path }) => path.startsWith(prefix))
    ? `Below ${prefix}.`
    : `Below ${prefix}, or at paths that do not depend on API_PREFIX.`
