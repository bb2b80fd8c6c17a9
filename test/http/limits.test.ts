import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { describe, test } from 'node:test'
import { tokenFor } from '../support/process.ts'
import { startService } from '../support/service.ts'
import { startRest } from './rest.ts'

/** As a Python client spells 10,000 emoji: 120,000 bytes. */
const spelt = (content: string) =>
  JSON.stringify(content).replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
const emoji = '😀'.repeat(10_000)

describe('limits are for a user and a kind of action, however it comes', () => {
  test('edits and deletions over REST and a socket', async () => {
    await using service = await startService({ RATE_LIMIT_EDITS: '4' })
    const alice = await service.api('alice')
    const { id } = await alice.createGroup('a group', [])
    const message = await alice.send(id, 'text')
    const socket = await service.socket('alice', '/ws')
    const edit = (content: string) => socket.ask({ type: 'edit', message_id: message.id, content })
    for (const content of ['1', '2']) assert.equal((await edit(content)).type, 'ack')
    for (const content of ['3', '4'])
      assert.equal((await alice.call('PUT', `/messages/${message.id}`, { content })).status, 200)
    const refused = await edit('5')
    assert.equal(refused.code, 'rate_limited')
    assert.ok(Number(refused.retry_after_ms) > 0)
    assert.equal((await socket.ask({ type: 'delete', message_id: message.id })).code, 'rate_limited')
    assert.equal((await alice.call('DELETE', `/messages/${message.id}`)).status, 429)
    assert.equal((await socket.ask({ type: 'message', group_id: id, content: 'goes on' })).type, 'ack')
    service.advance(15_000)
    assert.equal((await edit('5')).type, 'ack')
    await socket.close()
  })

  for (const [kind, frame] of [
    ['TYPING', (group_id: string) => ({ type: 'typing', group_id })],
    ['SUBSCRIPTIONS', (group_id: string) => ({ type: 'subscribe', group_id })],
    ['TOKENS', (_: string, token: string) => ({ type: 'auth', token })],
  ] as const)
    test(`${kind} on a socket`, async () => {
      await using service = await startService({ [`RATE_LIMIT_${kind}`]: '3' })
      const { id } = await (await service.api('alice')).createGroup('a group', [])
      const token = await tokenFor('alice')
      const socket = await service.socket('alice', '/ws')
      for (let i = 0; i < 4; i++) socket.send({ ...frame(id, token), id: i })
      const refused = await socket.next((answer) => answer.type === 'error')
      assert.deepEqual([refused.re, refused.code], [3, 'rate_limited'])
      await socket.close()
    })

  test('what a lifted limit implies is lifted with it', async () => {
    await using service = await startService()
    const alice = await service.api('alice')
    for (let i = 0; i < 70; i++) await alice.createGroup(`group ${i}`, [])
  })
})

describe('sizes', () => {
  test('10,000 characters fit, however they are spelt, over REST and on a socket', async () => {
    const rest = await startRest()
    try {
      const { id } = await rest.group('alice')
      const raw = `{"content":${spelt(emoji)}}`
      assert.ok(raw.length > 120_000)
      const sent = await rest.call<{ content: string }>('POST', `/groups/${id}/messages`, {
        as: 'alice',
        raw,
      })
      assert.deepEqual([sent.status, sent.body.content === emoji], [201, true])
      const socket = await rest.service.socket('alice', `/ws/${id}`)
      socket.ws.send(`{"type":"message","id":1,"content":${spelt(emoji)}}`)
      assert.equal((await socket.next((frame) => frame.re === 1)).type, 'ack')
      await socket.close()
    } finally {
      await rest.close()
    }
  })
})

describe('a connection that pipelines', () => {
  test('has its answers made one by one, as it takes them, and all in order', async () => {
    const rest = await startRest()
    try {
      const { id } = await rest.group('alice')
      for (let i = 0; i < 20; i++) await rest.send('alice', id, 'x'.repeat(9_000))
      const token = await tokenFor('alice')
      const { port } = new URL(rest.service.url)
      const socket = connect(Number(port), '127.0.0.1')
      const asked = 200
      const requests = Array.from(
        { length: asked },
        (_, i) =>
          `GET ${new URL(rest.service.base).pathname}/groups/${id}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nX-Correlation-ID: pipe-${i}\r\n\r\n`,
      )
      socket.pause()
      socket.write(requests.join(''))
      await rest.service.api('alice') // something else to wait for while nothing is read
      const answered = () => rest.service.logged.filter((line) => line.includes('"pipe-')).length
      let before = -1
      while (before !== answered()) {
        before = answered()
        for (let i = 0; i < 5; i++) await rest.root('GET', '/health')
      }
      assert.ok(before < asked / 2, `${before} answers were made for one who reads none`)
      let text = ''
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        text += chunk
      })
      socket.resume()
      while ((text.match(/HTTP\/1\.1 200/g) ?? []).length < asked) await rest.root('GET', '/health')
      const ids = [...text.matchAll(/X-Correlation-ID: pipe-(\d+)/g)].map(([, n]) => Number(n))
      assert.deepEqual(
        ids,
        Array.from({ length: asked }, (_, i) => i),
      )
      socket.destroy()
    } finally {
      await rest.close()
    }
  })
})

test('a query parameter that there is not is told, not ignored', async () => {
  const rest = await startRest()
  try {
    const { id } = await rest.group('alice')
    for (const path of [
      `/groups?pagesize=5`,
      `/groups/${id}?full=true`,
      `/groups/${id}/messages?include_deleted=true`,
    ]) {
      const { status, body } = await rest.call('GET', path, { as: 'alice' })
      assert.equal(status, 422)
      assert.match(body.errors?.[0]?.field ?? '', /^(pagesize|full|include_deleted)$/)
    }
  } finally {
    await rest.close()
  }
})
