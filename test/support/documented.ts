import assert from 'node:assert/strict'
import type { TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import type { Check } from './api.ts'

export interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}
interface Operation {
  tags: string[]
  requestBody?: { content: Record<string, { schema: object }> }
  responses: Record<string, { content?: Record<string, { schema: object }> }>
}

/** Throws on an answer whose status or media type the document does not know, or with a field too few or too many. */
export async function documentedBy(url: string): Promise<Check> {
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
export function closed(schema: unknown, document: Document): unknown {
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
