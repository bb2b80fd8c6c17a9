import assert from 'node:assert/strict'
import type { TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import type { GroupView } from '../../src/domain/group.ts'
import type { MessageView } from '../../src/domain/message.ts'
import { tokenFor } from '../support/process.ts'
import { startService, type TestService } from '../support/service.ts'

export interface Answer<T> {
  status: number
  headers: Headers
  text: string
  /** The text as JSON; {} when there is none. */
  body: T
}

export interface Asked {
  /** Whose token is sent; a user id with ` (admin)` has the scope chat:admin. */
  as?: string
  /** Sent as JSON. */
  body?: unknown
  /** Sent as it is. */
  raw?: string | Uint8Array<ArrayBuffer>
  headers?: Record<string, string>
}

export interface ProblemView {
  status: number
  code: string
  detail: string
  correlation_id: string
  errors?: { field: string; message: string }[]
}

/** A running service, asked over HTTP. Every answer is held against the service's own OpenAPI document. */
export interface Rest {
  readonly service: TestService
  /** `path`: below the prefix. */
  call<T = ProblemView>(method: string, path: string, asked?: Asked): Promise<Answer<T>>
  /** `path`: from the root. */
  root<T = ProblemView>(method: string, path: string, asked?: Asked): Promise<Answer<T>>
  /** A new group of these users, made by the first. */
  group(...members: string[]): Promise<GroupView>
  send(as: string, groupId: string, content: string): Promise<MessageView>
  close(): Promise<void>
}

export async function startRest(env: Record<string, string> = {}): Promise<Rest> {
  const service = await startService(env)
  const check = await documentedBy(service.url)
  const prefix = service.base.slice(service.url.length)

  const root: Rest['root'] = async <T>(method: string, path: string, asked: Asked = {}) => {
    const { as, body, raw, headers } = asked
    const sent = body === undefined ? raw : JSON.stringify(body)
    const response = await fetch(service.url + path, {
      method,
      headers: {
        ...(as && { authorization: `Bearer ${await tokenOf(as)}` }),
        ...(sent !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(sent !== undefined && { body: sent }),
    })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    const answered = text && isJson ? JSON.parse(text) : {}
    check(method, path, response, answered)
    return { status: response.status, headers: response.headers, text, body: answered as T }
  }

  const call: Rest['call'] = (method, path, asked) => root(method, prefix + path, asked)

  return {
    service,
    root,
    call,
    async group(...members) {
      const body = { name: 'A group', authorized_user_ids: members }
      const made = await call<GroupView>('POST', '/groups', { as: members[0] ?? '', body })
      assert.equal(made.status, 201)
      return made.body
    },
    async send(as, groupId, content) {
      const sent = await call<MessageView>('POST', `/groups/${groupId}/messages`, { as, body: { content } })
      assert.equal(sent.status, 201)
      return sent.body
    },
    close: () => service[Symbol.asyncDispose](),
  }
}

export const tokenOf = (as: string): Promise<string> =>
  as.endsWith(' (admin)') ? tokenFor(as, { scope: 'chat:admin' }) : tokenFor(as)

type Check = (method: string, path: string, response: Response, body: unknown) => void

interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}
interface Operation {
  responses: Record<string, { content?: Record<string, { schema: object }> }>
}

/** Fails on an answer that the document does not know: its status, media type, or a field too few or too many. */
async function documentedBy(url: string): Promise<Check> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document
  const operations = Object.entries(document.paths).map(([path, operations]) => ({
    pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}/?$`),
    operations,
  }))
  const validators = new Map<object, Validator>()
  const matches = (schema: object, value: unknown): void => {
    let validator = validators.get(schema)
    if (!validator) {
      validator = Compile(closed(schema, document) as TSchema) as unknown as Validator
      validators.set(schema, validator)
    }
    assert.deepEqual([...validator.Errors(value)], [], `not as documented: ${JSON.stringify(value)}`)
  }
  const problem = document.components.schemas.Problem ?? assert.fail('Problem is not documented')

  return (method, path, { status, headers }, body) => {
    assert.ok(headers.get('x-correlation-id'), 'every answer has a correlation id')
    assert.equal(headers.get('x-content-type-options'), 'nosniff')
    if (method === 'OPTIONS' && status === 204) return
    const pathname = path.split('?')[0] ?? ''
    const found = operations.find(({ pattern }) => pattern.test(pathname))?.operations
    const operation = found?.[method === 'HEAD' ? 'get' : method.toLowerCase()]
    if (!operation) {
      assert.ok(
        [404, 405, 431].includes(status),
        `${method} ${path} is not documented, and answered ${status}`,
      )
      return matches(problem, body)
    }
    const documented =
      operation.responses[status] ?? assert.fail(`${method} ${path}: ${status} is not documented`)
    if (method === 'HEAD' || !documented.content) return
    const type = headers.get('content-type')?.split(';')[0] ?? ''
    const content = documented.content[type] ?? assert.fail(`${method} ${path}: ${type} is not documented`)
    if (type.endsWith('json')) matches(content.schema, body)
  }
}

/** The schema with its references followed, allowing no field that is not named. */
function closed(schema: unknown, document: Document): unknown {
  if (Array.isArray(schema)) return schema.map((each) => closed(each, document))
  if (typeof schema !== 'object' || schema === null) return schema
  if ('$ref' in schema) {
    const name = String(schema.$ref).replace('#/components/schemas/', '')
    return closed(document.components.schemas[name] ?? assert.fail(`${name} is missing`), document)
  }
  const parts = Object.fromEntries(
    Object.entries(schema).map(([name, part]) => [name, closed(part, document)]),
  )
  const { properties } = parts
  const named = typeof properties === 'object' && properties !== null && Object.keys(properties).length > 0
  return named ? { ...parts, additionalProperties: false } : parts
}
