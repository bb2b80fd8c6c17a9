import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { apis, fill, type Known } from '../../dashboard/websocket-test/apis.ts'
import { closeMeaning } from '../../dashboard/websocket-test/close-codes.ts'
import { jsonMistake } from '../../dashboard/websocket-test/json-mistake.ts'
import { createKnown } from '../../dashboard/websocket-test/known.ts'
import { createFrames } from '../../src/api/core/frames.ts'
import { validate } from '../../src/domain/validate.ts'
import { closeCodes } from '../../src/protocol/close-codes.ts'
import type { FrameKind } from '../../src/ws/frames.ts'

const id = '65920080c0ffee0000000001'
const known: Known = { token: 'a.b.c', groupId: id, messageId: id, seq: 7, id: 3, clientId: 'test-1-3' }

describe('the templates', () => {
  /** Each API of the service, by the name that the tester has for it. */
  const spoken: Readonly<Record<string, Readonly<Record<string, FrameKind>>>> = {
    core: createFrames('') as unknown as Readonly<Record<string, FrameKind>>,
  }

  test('there is one for each frame that a client may send, and no other', () => {
    assert.deepEqual(
      apis.map(({ name }) => name),
      Object.keys(spoken),
    )
    for (const { name, frames } of apis)
      assert.deepEqual(Object.keys(frames).toSorted(), Object.keys(spoken[name] ?? {}).toSorted(), name)
  })

  test('each is a frame as the service takes it', () => {
    for (const api of apis)
      for (const [type, { schema }] of Object.entries(spoken[api.name] ?? {})) {
        const frame = JSON.parse(fill(api, type, known))
        assert.deepEqual([frame.type, frame.id], [type, 3])
        validate(schema, frame)
        const allowed = Object.keys(schema.properties as object)
        for (const field of Object.keys(frame))
          assert.ok(['type', ...allowed].includes(field), `${type}: ${field}`)
      }
  })

  test('they name what went over the socket', () => {
    const seen = createKnown(1_000)
    assert.match(fill(apis[0] ?? assert.fail(), 'edit', seen.now('')), /MESSAGE_ID/)
    seen.hear({
      type: 'connected',
      groups: [
        { group_id: 'first', seq: 3 },
        { group_id: 'second', seq: 9 },
      ],
    })
    assert.deepEqual(
      { ...seen.now('t'), clientId: '' },
      { token: 't', groupId: 'first', messageId: 'MESSAGE_ID', seq: 3, id: 1, clientId: '' },
    )
    seen.hear({ type: 'new_message', message: { id: 'theirs', group_id: 'second', seq: 10 } })
    seen.sent()
    assert.deepEqual([seen.now('').groupId, seen.now('').messageId, seen.now('').id], ['second', 'theirs', 2])
    seen.hear({ type: 'ack', message: { id: 'ours', group_id: 'first', seq: 4 } })
    seen.hear({ type: 'new_message', message: { id: 'theirs again', group_id: 'first', seq: 5 } })
    assert.deepEqual(
      [seen.now('').messageId, seen.now('').seq],
      ['ours', 5],
      'one can edit what is one’s own',
    )
    for (const frame of [null, 7, 'text', [], { type: 'connected' }]) seen.hear(frame)
    assert.equal(seen.now('').messageId, 'ours')
  })
})

test('each close code of the service has a meaning', () => {
  for (const [name, code] of Object.entries(closeCodes))
    assert.match(closeMeaning(code), new RegExp(`^${code} ${name}: .{8}`))
  assert.match(closeMeaning(1006), /refused/)
  assert.match(closeMeaning(4_321), /come back/)
  assert.match(closeMeaning(4_999), /stay away/)
})

describe('a mistake in JSON', () => {
  test('is found wherever JSON.parse finds one, and nowhere else', () => {
    const isJson = (text: string) => {
      try {
        JSON.parse(text)
        return true
      } catch {
        return false
      }
    }
    const piece = fc.constantFrom(...'{}[],:"\\0123.-+eE truefalsn\n\t\'u{"a":1}'.split(''))
    const nearly = fc
      .tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2, unit: 'grapheme' }))
      .map(
        ([json, at, other]) =>
          json.slice(0, at % (json.length + 1)) + other + json.slice((at % (json.length + 1)) + 1),
      )
    const texts = fc.oneof(
      fc.json(),
      nearly,
      fc.array(piece).map((pieces) => pieces.join('')),
      fc.string(),
    )
    fc.assert(
      fc.property(texts, (text) => assert.equal(jsonMistake(text) === null, isJson(text), text)),
      { numRuns: 3_000 },
    )
  })

  for (const [text, line, column, what] of [
    ['', 1, 1, /ends too early/],
    ['{"a": 1,}', 1, 9, /comma/],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, /comma or } is missing/],
    ['{"a" 1}', 1, 6, /colon/],
    ['{a: 1}', 1, 2, /double quotes/],
    ["{'a': 1}", 1, 2, /double quotes/],
    ['["a\nb"]', 1, 4, /line break/],
    ['["a\\x"]', 1, 4, /escape/],
    ['{"a": "b', 1, 9, /within a string/],
    ['[1, 02]', 1, 6, /comma or ] is missing/],
    ['{"a": undefined}', 1, 7, /no value/],
    ['{} {}', 1, 4, /more than one/],
  ] as const)
    test(`${JSON.stringify(text)} has it in line ${line}, column ${column}`, () => {
      const found = jsonMistake(text)
      assert.deepEqual([found?.line, found?.column], [line, column])
      assert.match(found?.text ?? '', what)
    })
})
