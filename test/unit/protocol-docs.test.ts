import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFrames } from '../../src/api/core/frames.ts'
import { eventTypes } from '../../src/api/core/vocabulary.ts'
import { closeCodes, isFinal } from '../../src/protocol/close-codes.ts'
import { errorCodes, mayPass } from '../../src/protocol/error-codes.ts'
import { readDocument } from '../support/document.ts'

/** docs/protocol.md is what clients are written by: what it lists is what there is, both ways. */
const { tableBelow } = readDocument('protocol.md')

test('the frames that a client may send', () => {
  const listed = tableBelow('From the client').map(([frame = '']) => /"type":"(\w+)"/.exec(frame)?.[1])
  assert.deepEqual(listed.sort(), Object.keys(createFrames('')).sort())
})

test('the events that a server may tell', () => {
  const listed = tableBelow('From the server').flatMap(([types = '']) =>
    types.replaceAll('`', '').split(', '),
  )
  const answers = ['connected', 'subscribed', 'unsubscribed', 'resync', 'closing', 'ack', 'pong', 'error']
  const toOneUser = ['group_added', 'group_preferences', 'unbanned', 'mention']
  assert.deepEqual(
    listed.sort(),
    [...eventTypes.durable, ...eventTypes.passing, ...answers, ...toOneUser].sort(),
  )
})

test('the error codes, their status, and whether to try again', () => {
  const listed = tableBelow('Error codes').map(([code = '', status, again]) => ({
    code: code.slice(1, -1),
    status: Number(status),
    passes: again === 'in a moment',
  }))
  const known = Object.entries(errorCodes).map(([code, { status }]) => ({
    code,
    status,
    passes: mayPass(code),
  }))
  const byCode = (a: { code: string }, b: { code: string }) => (a.code < b.code ? -1 : 1)
  assert.deepEqual(listed.sort(byCode), known.sort(byCode))
})

test('the close codes, and which mean to stay away', () => {
  const listed = tableBelow('Close codes').flatMap(([codes = '', , reconnect = '']) =>
    codes.split(', ').map((code) => [Number(code), reconnect.startsWith('no')]),
  )
  assert.deepEqual(
    listed,
    Object.values(closeCodes).map((code) => [code, isFinal(code)]),
  )
})
