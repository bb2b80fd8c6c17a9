import assert from 'node:assert/strict'
import { get } from 'node:http'
import { describe, test } from 'node:test'
import { tokenFor } from '../support/process.ts'
import { startRest } from '../support/rest.ts'
import { startService } from '../support/service.ts'
import { RefusedUpgrade } from '../support/socket.ts'

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
      assert.equal((await alice.call('PUT', `/messages/${message.id}`, { body: { content } })).status, 200)
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
    ['REQUESTS', () => ({ type: 'ping' })],
    ['REQUESTS', (group_id: string) => ({ type: 'typing', group_id, content: 'neither' })],
    ['TYPING', (group_id: string) => ({ type: 'typing', group_id })],
    ['SUBSCRIPTIONS', (group_id: string) => ({ type: 'subscribe', group_id })],
    ['TOKENS', (_: string, token: string) => ({ type: 'auth', token })],
  ] as const)
    test(`${kind} on a socket, by ${frame('', '').type}`, async () => {
      await using service = await startService({ [`RATE_LIMIT_${kind}`]: '4', RATE_LIMIT_CONNECTIONS: '0' })
      const { id } = await (await service.api('alice')).createGroup('a group', [])
      const token = await tokenFor('alice')
      const socket = await service.socket('alice', '/ws')
      for (let i = 0; i < 5; i++) socket.send({ ...frame(id, token), id: i })
      const refused = await socket.next((answer) => answer.code === 'rate_limited')
      assert.equal(refused.re, kind === 'REQUESTS' ? 3 : 4, 'making the group was a request too')
      await socket.close()
    })

  test('new connections', async () => {
    await using service = await startService({ RATE_LIMIT_CONNECTIONS: '3' })
    const { id } = await (await service.api('alice')).createGroup('a group', [])
    for (const path of ['/ws', `/ws/${id}`, '/ws']) await (await service.socket('alice', path)).close()
    await assert.rejects(service.socket('alice', '/ws'), /429/)
    await (await service.socket('bob', '/ws')).close()
  })

  test('new groups and changes of groups', async () => {
    await using service = await startService({ RATE_LIMIT_GROUPS: '2' })
    const alice = await service.api('alice')
    const { id } = await alice.createGroup('a group', [])
    assert.equal((await alice.call('PUT', `/groups/${id}`, { body: { name: 'renamed' } })).status, 200)
    assert.equal((await alice.call('PUT', `/groups/${id}`, { body: { name: 'again' } })).status, 429)
    assert.equal((await alice.call('POST', '/groups', { body: { name: 'another' } })).status, 429)
  })

  test('and each refusal is counted by its kind', async () => {
    await using service = await startService({
      RATE_LIMIT_TYPING: '1',
      RATE_LIMIT_MESSAGES: '1',
      RATE_LIMIT_CONNECTIONS: '1',
    })
    const alice = await service.api('alice')
    const { id } = await alice.createGroup('a group', [])
    const socket = await service.socket('alice', `/ws/${id}`)
    await assert.rejects(service.socket('alice', `/ws/${id}`), /429/)
    const typing = { type: 'typing', id: 'last' }
    for (const frame of [typing, typing]) socket.send(frame)
    assert.equal((await socket.next((answer) => answer.re === 'last')).code, 'rate_limited')
    for (const code of [undefined, 'rate_limited', 'rate_limited'])
      assert.equal((await socket.ask({ type: 'message', content: 'x' })).code, code)
    const counted = await (await fetch(`${service.url}/metrics`)).text()
    for (const [kind, times] of Object.entries({ connections: 1, typing: 1, messages: 2 }))
      assert.ok(counted.includes(`chat_rate_limited_total{what="${kind}"} ${times}\n`), kind)
    await socket.close()
  })

  test('what a lifted limit implies is lifted with it', async () => {
    await using service = await startService()
    const alice = await service.api('alice')
    for (let i = 0; i < 70; i++) await alice.createGroup(`group ${i}`, [])
  })
})

describe('who has no token is limited by address', () => {
  const bad = { authorization: 'Bearer nonsense' }

  test('over REST and at the door of a socket; users behind the same address are not concerned', async () => {
    const rest = await startRest({ RATE_LIMIT_REQUESTS: '5' }) // its document is asked for once
    try {
      const ask = (path: string, headers = {}) => fetch(rest.service.url + path, { headers })
      const statuses = [
        (await ask('/api/chat/groups', bad)).status,
        (await ask('/nothing')).status,
        (await ask('/')).status,
      ]
      assert.deepEqual(statuses, [401, 404, 200])
      await assert.rejects(rest.service.socket('alice', '/ws', { token: 'nonsense' }), /401/)
      await assert.rejects(rest.service.socket('alice', '/ws', { token: 'nonsense' }), /429/)
      const refused = await ask('/api/chat/groups', bad)
      assert.equal(refused.status, 429)
      assert.match(refused.headers.get('ratelimit') ?? '', /^"requests";r=0;t=\d+$/)
      assert.equal((await rest.call('GET', '/groups', { as: 'alice' })).status, 200)
      for (let i = 0; i < 10; i++) assert.equal((await ask('/readyz')).status, 200)
      assert.equal((await ask('/metrics')).status, 200)
    } finally {
      await rest.close()
    }
  })

  test('new connections have their own', async () => {
    await using service = await startService({ RATE_LIMIT_CONNECTIONS: '2' })
    const open = () => service.socket('alice', '/ws', { token: 'nonsense' })
    for (const status of [/401/, /401/, /429/]) await assert.rejects(open(), status)
    await (await service.socket('alice', '/ws')).close()
  })

  test('which is the one that TRUSTED_PROXIES tell', async () => {
    const rest = await startRest({ RATE_LIMIT_REQUESTS: '1', TRUSTED_PROXIES: '127.0.0.0/8, ::1' })
    try {
      const ask = async (client: string) =>
        (await fetch(`${rest.service.base}/groups`, { headers: { ...bad, 'x-forwarded-for': client } }))
          .status
      assert.deepEqual([await ask('203.0.113.7'), await ask('203.0.113.8')], [401, 401])
      assert.equal(
        await ask('198.51.100.1, 203.0.113.7'),
        429,
        'what the client itself wrote counts for nothing',
      )
      // As Caddy and nginx in a row send it: one header each.
      const repeated = await new Promise<number | undefined>((resolve, reject) => {
        const headers = { ...bad, 'x-forwarded-for': ['1.1.1.1', '203.0.113.9', '127.0.0.1'] }
        get(`${rest.service.base}/groups`, { headers }, (response) => {
          response.resume()
          resolve(response.statusCode)
        }).on('error', reject)
      })
      assert.deepEqual([repeated, await ask('203.0.113.9')], [401, 429])
      const lines = rest.service.logged.filter((line) => line.includes('"address":"203.0.113.9"'))
      assert.equal(lines.length, 2, 'the log has it too')
    } finally {
      await rest.close()
    }
  })
})

describe('the headers RateLimit-Policy and RateLimit', () => {
  test('tell of each kind that the request takes what there is and what is left', async () => {
    const rest = await startRest({
      RATE_LIMIT_REQUESTS: '8',
      RATE_LIMIT_MESSAGES: '6',
      RATE_LIMIT_EDITS: '3',
    })
    try {
      const told = ({ headers }: { headers: Headers }) => [
        headers.get('ratelimit-policy'),
        headers.get('ratelimit')?.replace(/t=\d+/g, 't'),
      ]
      const group = await rest.group('alice')
      const path = `/groups/${group.id}/messages`
      const sent = await rest.call<{ id: string }>('POST', path, { as: 'alice', body: { content: 'x' } })
      assert.deepEqual(told(sent), [
        '"requests";q=8;w=60, "messages";q=6;w=60',
        '"requests";r=6;t, "messages";r=5;t',
      ])
      const edited = await rest.call('PUT', `/messages/${sent.body.id}`, {
        as: 'alice',
        body: { content: 'y' },
      })
      assert.deepEqual(told(edited), [
        '"requests";q=8;w=60, "messages";q=6;w=60, "edits";q=3;w=60',
        '"requests";r=5;t, "messages";r=4;t, "edits";r=2;t',
      ])
      const missing = await rest.call('GET', `/groups/${'0'.repeat(24)}`, { as: 'alice' })
      assert.deepEqual(told(missing), ['"requests";q=8;w=60', '"requests";r=4;t'])
      assert.match(
        missing.headers.get('ratelimit') ?? '',
        /t=(2\d|30)$/,
        'four of eight are back within half a minute',
      )
    } finally {
      await rest.close()
    }
  })

  test('agree with Retry-After where nothing is left', async () => {
    const rest = await startRest({ RATE_LIMIT_MESSAGES: '4' })
    try {
      const { id } = await rest.group('alice')
      const send = () => rest.call('POST', `/groups/${id}/messages`, { as: 'alice', body: { content: 'x' } })
      for (let i = 0; i < 4; i++) assert.equal((await send()).status, 201)
      const { status, headers } = await send()
      const [, seconds] = /^"messages";r=0;t=(\d+)$/.exec(headers.get('ratelimit') ?? '') ?? []
      const retryAfter = Number(headers.get('retry-after'))
      assert.equal(status, 429)
      assert.ok(
        retryAfter > 5 && retryAfter <= 15 && Number(seconds) <= retryAfter,
        `${seconds}, ${retryAfter}`,
      )
    } finally {
      await rest.close()
    }
  })

  for (const kind of ['messages', 'edits', 'groups'] as const)
    test(`name ${kind} where the request takes one, and nowhere else`, async () => {
      const rest = await startRest({ [`RATE_LIMIT_${kind.toUpperCase()}`]: '1' })
      try {
        const call = (method: string, path: string, body?: object) =>
          rest.call(method, path, { as: 'alice', ...(body && { body }) })
        const refill = () => rest.service.advance(60_000)
        const { id } = await rest.group('alice')
        const message = await rest.send(id, 'text', { as: 'alice' })
        const probes = {
          messages: () => call('POST', `/groups/${id}/messages`, { content: 'x' }),
          edits: () => call('PUT', `/messages/${message.id}`, { content: 'x' }),
          groups: () => call('PUT', `/groups/${id}`, { name: 'x' }),
        }
        for (const [method, path, body] of [
          ['GET', '/groups'],
          ['POST', '/groups', { name: 'x' }],
          ['GET', `/groups/${id}`],
          ['PUT', `/groups/${id}`, { name: 'y' }],
          ['GET', `/groups/${id}/messages`],
          ['POST', `/groups/${id}/messages`, { content: 'x' }],
          ['GET', `/groups/${id}/events`],
          ['GET', `/messages/${message.id}`],
          ['PUT', `/messages/${message.id}`, { content: 'y' }],
          ['DELETE', `/messages/${(await rest.send((await rest.group('bob')).id, 'x', { as: 'bob' })).id}`],
          ['DELETE', `/groups/${'0'.repeat(24)}`],
        ] as const) {
          refill()
          const { headers } = await call(method, path, body)
          const isTold = (headers.get('ratelimit') ?? '').includes(`"${kind}";r=0`)
          assert.equal((await probes[kind]()).status === 429, isTold, `${method} ${path}`)
        }
      } finally {
        await rest.close()
      }
    })

  test('are left out where there is no limit', async () => {
    const rest = await startRest()
    try {
      const { headers } = await rest.call('GET', '/groups', { as: 'alice' })
      assert.deepEqual([headers.get('ratelimit'), headers.get('ratelimit-policy')], [null, null])
    } finally {
      await rest.close()
    }
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

test('a query parameter that there is not is told, not ignored', async () => {
  const rest = await startRest()
  try {
    const { id } = await rest.group('alice')
    for (const path of [
      `/groups?pagesize=5`,
      `/groups/${id}?full=true`,
      `/groups/${id}/messages?include_gone=true`,
    ]) {
      const { status, body } = await rest.call('GET', path, { as: 'alice' })
      assert.equal(status, 422)
      assert.match(body.errors?.[0]?.field ?? '', /^(pagesize|full|include_gone)$/)
    }
  } finally {
    await rest.close()
  }
})

test('nor is one at the door of a socket: a misspelt `after` would lose what was missed', async () => {
  await using service = await startService()
  const { id } = await (await service.api('alice')).createGroup('a group', [])
  for (const [path, field] of [
    [`/ws/${id}?afer=x.1.1`, 'afer'],
    [`/ws/${id}?subscribe=none`, 'subscribe'],
    ['/ws?after=x.1.1', 'after'],
    ['/ws?subscribe=some', 'subscribe'],
    ['/ws?subscribe=none&subscribe=none', 'subscribe'],
  ] as const) {
    const error = await service.socket('alice', path).catch((refusal: unknown) => refusal)
    assert.ok(error instanceof RefusedUpgrade)
    const { errors } = await error.body
    assert.deepEqual([error.status, (errors as { field: string }[])[0]?.field], [422, field])
  }
})
