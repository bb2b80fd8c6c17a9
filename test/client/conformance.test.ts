import { test } from 'node:test'
import { connect } from '../../src/client/client.ts'
import { conformance } from './conformance.ts'

test('whatever is cut, delayed, doubled or started anew, the library tells the log once and in order, and answers every send', {
  timeout: 900_000,
}, async (t) => {
  const outcome = await conformance(async ({ url, groupId, cursor, token, heard }) => {
    const chat = connect({ url, token, reconnect: { maxMs: 1_000 } })
    chat.on('event', heard)
    await chat.group(groupId).subscribe({ after: cursor })
    return { send: (text) => chat.group(groupId).send(text), close: chat.close }
  })
  t.diagnostic(outcome)
})
