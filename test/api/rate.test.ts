import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startRest } from '../support/rest.ts'

test('a user who asks too often is told when to come back, and no one else is', async () => {
  const rest = await startRest({ RATE_LIMIT_REQUESTS: '3' })
  try {
    const ask = (as: string) => rest.call('GET', '/groups', { as })
    for (let i = 0; i < 3; i++) assert.equal((await ask('eager')).status, 200)
    const refused = await ask('eager')
    assert.deepEqual([refused.status, refused.body.code], [429, 'rate_limited'])
    // One is back every 20 s, and a part of these has passed.
    const retryAfter = Number(refused.headers.get('retry-after'))
    assert.ok(retryAfter >= 1 && retryAfter <= 20, `${retryAfter} s`)
    assert.equal((await ask('patient')).status, 200)
    for (let i = 0; i < 10; i++) assert.equal((await rest.root('GET', '/health')).status, 200)
    rest.service.advance(20_000)
    assert.equal((await ask('eager')).status, 200)
  } finally {
    await rest.close()
  }
})

test('sending has a limit of its own', async () => {
  const rest = await startRest({ RATE_LIMIT_MESSAGES: '2' })
  try {
    const { id } = await rest.group('alice')
    const send = () => rest.call('POST', `/groups/${id}/messages`, { as: 'alice', body: { content: 'x' } })
    assert.deepEqual([(await send()).status, (await send()).status], [201, 201])
    const refused = await send()
    assert.equal(refused.status, 429)
    assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/)
    assert.equal((await rest.call('GET', `/groups/${id}/messages`, { as: 'alice' })).status, 200)
  } finally {
    await rest.close()
  }
})
