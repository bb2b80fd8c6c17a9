import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { closed, type Document } from '../support/documented.ts'
import { startRest } from '../support/rest.ts'

const { root, close } = await startRest()
after(close)
const { body: document } = await root<Document>('GET', '/openapi.json')

const aboutMessages = ['messages', 'replies', 'revisions', 'reactions', 'pins', 'online', 'events']
const aboutGroups = ['groups', 'members', 'bans', 'invites', 'direct', 'reads', 'preferences']
const shown = [...aboutMessages, ...aboutGroups]

function examplesOf(schema: object): readonly unknown[] {
  const { examples = [] } = closed(schema, document) as { examples?: unknown[] }
  return examples
}

describe('the examples of the OpenAPI document', () => {
  test('are as their schemas have them', () => {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      const validator = Compile(closed(schema, document) as TSchema)
      for (const example of examplesOf(schema))
        assert.deepEqual([...validator.Errors(example)], [], `${name}: ${JSON.stringify(example)}`)
    }
  })

  test('show every body that is sent or answered about messages and groups', () => {
    const without = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([, { tags }]) => tags.some((tag) => shown.includes(tag)))
        .flatMap(([method, { requestBody, responses }]) => {
          const answers = Object.entries(responses).filter(([status]) => Number(status) < 300)
          const bodies = [requestBody, ...answers.map(([, answer]) => answer)]
          const schemas = bodies.flatMap((body) => Object.values(body?.content ?? {}))
          return schemas.some(({ schema }) => !examplesOf(schema).length) ? [`${method} ${path}`] : []
        }),
    )
    assert.deepEqual(without, [])
  })
})
