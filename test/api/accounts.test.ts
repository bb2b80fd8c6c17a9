import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { decodeJwt } from 'jose'
import { accountsAt, newName, password } from '../support/accounts.ts'
import { startRest } from '../support/rest.ts'

const rest = await startRest()
after(rest.close)
const at = accountsAt(rest.service.url)
const register = (body: object) => rest.root('POST', '/api/auth/register', { body })

test('whoever registers is logged in, and has a profile', async () => {
  const username = newName()
  const { status, headers, body } = await register({
    username,
    password,
    email: `${username}@Example.org`,
    display_name: 'Mia Müller',
    is_admin: true,
    id: '0'.repeat(24),
  })
  assert.equal(status, 201)
  assert.equal(headers.get('cache-control'), 'no-store')
  const { access_token, token_type, expires_in, refresh_token, user } = body as never as Awaited<
    ReturnType<typeof at.register>
  >
  assert.deepEqual([token_type, expires_in], ['bearer', 1_800])
  assert.match(user.id, /^[0-9a-f]{24}$/)
  assert.notEqual(user.id, '0'.repeat(24))
  const { id, number: _, created_at: __, ...rest_ } = user
  assert.deepEqual(rest_, {
    username,
    display_name: 'Mia Müller',
    avatar_url: null,
    last_seen_at: null,
    email: `${username}@Example.org`,
  })
  const { iss, sub, preferred_username, name, sid, exp, scope } = decodeJwt(access_token)
  assert.deepEqual(
    [iss, sub, preferred_username, name, scope],
    ['chat-api', id, username, 'Mia Müller', undefined],
  )
  assert.match(String(sid), /^[0-9a-f]{24}$/)
  assert.ok(Math.abs(Number(exp) - Date.now() / 1_000 - 1_800) < 10)
  assert.ok(Buffer.from(refresh_token.split('.').at(-1) ?? '', 'base64url').length === 32)
  assert.equal(await at.status(access_token), 200)
})

test('a login takes the name in any case, or the address, and each time gives tokens of its own', async () => {
  const { user, ...first } = await at.register(newName(), { email: `${newName()}@example.org` })
  const tokens = new Set([first.access_token])
  for (const login of [
    user.username,
    user.username.toUpperCase(),
    user.email ?? '',
    user.email?.toUpperCase() ?? '',
  ]) {
    const body = await at.must(200, at.logIn(login))
    assert.equal(body.user.id, user.id)
    tokens.add(body.access_token)
  }
  assert.equal(tokens.size, 5)
})

describe('a body may be JSON, a form, or multipart', () => {
  const encodings = {
    JSON: (fields: Record<string, string>) => fields,
    'a form': (fields: Record<string, string>) => new URLSearchParams(fields),
    multipart: (fields: Record<string, string>) => {
      const form = new FormData()
      for (const [name, value] of Object.entries(fields)) form.set(name, value)
      return form
    },
  }
  for (const [name, encoded] of Object.entries(encodings))
    test(name, async () => {
      const username = newName()
      const strange = 'pass+wörd & = % 🔑'
      const made = await at.must(
        201,
        at.call('register', encoded({ username, password: strange, email: '' })),
      )
      assert.equal(made.user.email, null)
      const oauth = { grant_type: 'password', scope: '', client_id: 'page', client_secret: '' }
      const { refresh_token, access_token } = await at.must(
        200,
        at.call('login', encoded({ ...oauth, username, password: strange })),
      )
      assert.equal((await at.call('refresh', encoded({ refresh_token }))).status, 200)
      const changing = encoded({ old: strange, new: password })
      assert.equal((await at.call('password', changing, { token: access_token })).status, 200)
      assert.equal((await at.call('logout', encoded({ refresh_token }))).status, 200)
    })

  test('nothing else, and no more than there can be', async () => {
    const asText = await at.call('login', 'username=a&password=b', {
      headers: { 'content-type': 'text/plain' },
    })
    assert.equal(asText.status, 415)
    const many = new URLSearchParams(
      Array.from({ length: 10_000 }, (_, n): [string, string] => [`field${n}`, 'x']),
    )
    assert.equal((await at.call('login', many)).status, 413)
    const long = { username: newName(), password: 'x'.repeat(1_000_000) }
    for (const path of ['register', 'login']) {
      assert.equal((await at.call(path, long)).status, 413)
      assert.equal(
        (await at.call(path, '{"username"', { headers: { 'content-type': 'application/json' } })).status,
        400,
      )
    }
  })
})

test('a name has one owner, whatever its case and form', async () => {
  const name = newName()
  await at.register(name)
  const wide = name.replace(/[!-~]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0))
  for (const username of [name, name.toUpperCase(), wide.replaceAll('－', '-')]) {
    const { status, body } = await register({ username, password })
    assert.deepEqual([status, body.code], [409, 'name_taken'], username)
  }
  const { status, body } = await register({ username: name.replace('a', '\u0430'), password })
  assert.deepEqual([status, body.errors?.[0]?.field], [422, 'username'])
})

test('an address has one account', async () => {
  const email = `${newName()}@example.org`
  await at.register(newName(), { email })
  const { status, body } = await register({ username: newName(), password, email: email.toUpperCase() })
  assert.deepEqual([status, body.code], [409, 'email_taken'])
})

test('of those who register one name at once one gets it', async () => {
  const username = newName()
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => at.call('register', { username, password })),
  )
  assert.deepEqual(answers.map(({ status }) => status).toSorted(), [201, 409, 409, 409, 409, 409])
})

test('fields that are no text, too short, too long or too common are refused, and named', async () => {
  const wrong = [{}, [], ['x'], { $gt: '' }, 7, true, null]
  for (const field of ['username', 'password'])
    for (const value of wrong) {
      const body = { username: newName(), password, [field]: value }
      for (const path of ['register', 'login']) {
        const answer = await rest.root('POST', `/api/auth/${path}`, { body })
        assert.deepEqual(
          [answer.status, answer.body.errors?.[0]?.field],
          [422, field],
          `${path} ${JSON.stringify(body)}`,
        )
      }
    }
  for (const [field, value] of [
    ['email', { $ne: null }],
    ['email', ['a@b.c']],
    ['email', 'nobody'],
    ['email', 'a b@example.org'],
    ['email', `${'x'.repeat(251)}@b.c`],
    ['display_name', ['x']],
    ['display_name', 'x'.repeat(101)],
    ['display_name', 'a\u202eb'],
    ['username', 'ab'],
    ['username', 'x'.repeat(33)],
    ['username', 'mia~3'],
    ['username', '\u0430lice'],
    ['password', 'short'],
    ['password', 'x'.repeat(129)],
    ['password', 'password123'],
  ] as const) {
    const { status, body } = await register({ username: newName(), password, [field]: value })
    assert.deepEqual([status, body.errors?.[0]?.field], [422, field], `${field} ${JSON.stringify(value)}`)
  }
  const own = await register({ username: 'Bartholomew', password: 'BARTHOLOMEW' })
  assert.deepEqual([own.status, own.body.errors?.[0]?.field], [422, 'password'])
  for (const body of [{}, { refresh_token: 7 }, { refresh_token: ['x'] }, { refresh_token: {} }])
    assert.equal((await at.call('refresh', body)).status, 422)
})

test('a wrong name and a wrong password get one answer, to the letter', async () => {
  const { user } = await at.register()
  const answers = await Promise.all([
    at.logIn(user.username, 'black rabbit'),
    at.logIn(newName()),
    at.logIn(`${newName()}@example.org`),
    at.logIn('~'),
    at.logIn(user.id),
  ])
  const shown = answers.map(({ status, text, headers }) => [
    status,
    text.replace(/"correlation_id":"[^"]*"/, ''),
    headers.get('www-authenticate'),
  ])
  for (const each of shown) assert.deepEqual(each, shown[0])
  assert.equal(shown[0]?.[0], 401)
})

test('what the documents of before use is taken: the paths do not depend on the prefix', async () => {
  const document = (await (await fetch(`${rest.service.url}/openapi.json`)).json()) as { paths: object }
  for (const path of ['register', 'login', 'refresh', 'logout', 'logout-all', 'password'])
    assert.ok(`/api/auth/${path}` in document.paths, path)
})

test('a name that came with the token of another issuer is taken', async () => {
  const name = newName()
  const { status, body } = await rest.call<{ username: string }>('GET', '/users/me', { as: name })
  assert.deepEqual([status, body.username], [200, name])
  const taken = await register({ username: name.toUpperCase(), password })
  assert.deepEqual([taken.status, taken.body.code], [409, 'name_taken'])
})

test('another address is the one to log in by', async () => {
  const [old, fresh] = [`${newName()}@example.org`, `${newName()}@example.org`]
  const { user, access_token } = await at.register(newName(), { email: old })
  const headers = { authorization: `Bearer ${access_token}` }
  const changed = await rest.call('PUT', '/users/me', { headers, body: { email: fresh } })
  assert.deepEqual([changed.status, changed.body.email], [200, fresh])
  assert.equal((await at.must(200, at.logIn(fresh))).user.id, user.id)
  assert.equal((await at.logIn(old)).status, 401)
  assert.equal((await register({ username: newName(), password, email: old })).status, 201)
})

test('who is erased has no account, and the name is free', async () => {
  const { user, access_token, refresh_token } = await at.register()
  const erased = await rest.call('DELETE', `/users/${user.id}`, { as: 'root (admin)' })
  assert.equal(erased.status, 200, erased.text)
  assert.equal(await at.status(access_token), 401)
  assert.equal((await at.refresh(refresh_token)).status, 401)
  assert.equal((await at.logIn(user.username)).status, 401)
  const next = await at.register(user.username)
  assert.notEqual(next.user.id, user.id)
})

test('a wrong name costs the store what a wrong password costs', async () => {
  const own = await startRest({ LOG_SQL_QUERIES: 'true' })
  const there = accountsAt(own.service.url)
  try {
    const { user } = await there.register()
    const costs: string[][] = []
    for (const login of [user.username, newName(), `${newName()}@example.org`]) {
      const id = newName()
      const headers = { 'x-correlation-id': id }
      assert.equal((await there.logIn(login, 'wrong guess', { headers })).status, 401)
      const lines = own.service.logged.map((line) => JSON.parse(line) as Record<string, string>)
      const done = lines.filter((line) => line.event === 'store_operation' && line.correlation_id === id)
      costs.push(done.map(({ operation = '' }) => operation.replace(/readBy(Name|Email)/, 'readBy')))
    }
    assert.deepEqual(costs[0], ['attempts.isRemembered', 'attempts.take', 'profiles.readBy', 'accounts.read'])
    for (const cost of costs) assert.deepEqual(cost, costs[0])
  } finally {
    await own.close()
  }
})
