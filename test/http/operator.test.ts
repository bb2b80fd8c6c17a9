import assert from 'node:assert/strict'
import { test } from 'node:test'
import { serveOperations } from '../support/operations.ts'

test('DASHBOARD_TOKEN closes the dashboard, its data and the metrics', async () => {
  const token = 'a token for those on call'
  await using server = await serveOperations({ token })
  const get = (path: string, headers: Record<string, string> = {}) => fetch(server.url + path, { headers })
  const logIn = (given: string, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/dashboard/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ token: given }),
    })

  for (const path of ['/dashboard', '/dashboard/api/data', '/metrics']) {
    assert.equal((await get(path)).status, 401, path)
    assert.equal((await get(path, { authorization: 'Bearer wrong' })).status, 401, path)
    assert.equal((await get(path, { cookie: 'chat_dashboard=9999999999.x' })).status, 401, path)
    assert.equal((await get(path, { authorization: `Bearer ${token}` })).status, 200, path)
  }

  assert.equal((await get('/dashboard')).headers.get('www-authenticate'), 'Bearer')
  assert.equal((await logIn('wrong')).status, 401)
  const answer = await logIn(token)
  assert.equal(answer.status, 204)
  const [cookie = '', ...attributes] = (answer.headers.get('set-cookie') ?? '').split('; ')
  assert.deepEqual(attributes, ['Path=/', 'Max-Age=43200', 'HttpOnly', 'SameSite=Strict'])
  assert.ok(!cookie.includes(token))
  for (const path of ['/dashboard', '/dashboard/api/data', '/metrics'])
    assert.equal((await get(path, { cookie })).status, 200, path)
  for (const origin of ['http://localhost:3000', 'null', server.url])
    assert.equal((await get('/dashboard/api/data', { cookie, origin })).status, 401, `a page of ${origin}`)
  const secure = await logIn(token, { 'x-forwarded-proto': 'https' })
  assert.match(secure.headers.get('set-cookie') ?? '', /; Secure$/)

  server.advance(12 * 3_600_000)
  assert.equal((await get('/dashboard/api/data', { cookie })).status, 401, 'a session ends')
})

test('a token can not be guessed at leisure', async () => {
  await using server = await serveOperations({ token: 'a token' })
  const statuses: number[] = []
  for (let i = 0; i < 11; i++) {
    const { status } = await fetch(`${server.url}/dashboard/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: `guess ${i}` }),
    })
    statuses.push(status)
  }
  assert.deepEqual(statuses, [...Array<number>(10).fill(401), 429])
})

test('nor by Authorization: Bearer, which shares the limit; the right one costs nothing', async () => {
  await using server = await serveOperations({ token: 'a token' })
  const ask = async (given: string) =>
    (await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${given}` } })).status
  for (let i = 0; i < 30; i++) assert.equal(await ask('a token'), 200)
  for (let i = 0; i < 10; i++) assert.equal(await ask(`guess ${i}`), 401)
  assert.equal(await ask('another guess'), 429)
  assert.equal(await ask('a token'), 429, 'a guess that is right does not stand out')
  server.advance(6_000)
  assert.equal(await ask('a token'), 200)
})

test('the page runs nothing but its own scripts', async () => {
  await using server = await serveOperations()
  const response = await fetch(`${server.url}/dashboard`)
  const policy = response.headers.get('content-security-policy') ?? ''
  assert.match(policy, /default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'sha256-[\w+/=]+'/)
  assert.ok(!policy.includes('unsafe'))
  const page = await response.text()
  assert.ok(!/<(?:script|link|img)[^>]+(?:src|href)="(?!data:)/.test(page), 'it asks nobody for anything')
})
