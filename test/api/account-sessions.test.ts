import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { accountsAt, newName, password } from '../support/accounts.ts'
import { startRest } from '../support/rest.ts'

const rest = await startRest({ RATE_LIMIT_LOGINS: '0' })
after(rest.close)
const at = accountsAt(rest.service.url)
const { service } = rest
const change = (id: string, body: object, as = 'root (admin)') =>
  rest.call('PATCH', `/users/${id}`, { as, body })
const socketOf = async (token: string) => {
  const socket = await service.socket('', '/ws', { token })
  await socket.next('connected')
  return socket
}

test('a refresh token works until its successor is used, and then ends the login', async () => {
  const { refresh_token: first, access_token } = await at.register()
  const second = (await at.must(200, at.refresh(first))).refresh_token
  assert.notEqual(second, first)
  // The answer may have been lost.
  const again = await at.must(200, at.refresh(first))
  assert.equal(await at.status(again.access_token), 200)
  const third = await at.must(200, at.refresh(again.refresh_token))
  assert.equal((await at.refresh(second)).status, 200)

  const stolen = await at.refresh(first)
  assert.deepEqual([stolen.status, stolen.body.code], [401, 'unauthenticated'])
  for (const token of [first, second, again.refresh_token, third.refresh_token])
    assert.equal((await at.refresh(token)).status, 401)
  for (const token of [access_token, again.access_token, third.access_token])
    assert.equal(await at.status(token), 401)
})

test('many who refresh at once with one token all go on', async () => {
  const { refresh_token } = await at.register()
  const answers = await Promise.all(Array.from({ length: 8 }, () => at.refresh(refresh_token)))
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  for (const { body } of answers) assert.equal((await at.refresh(body.refresh_token)).status, 200)
})

test('a long chain of refreshes knows its first token', async () => {
  const { refresh_token: first } = await at.register()
  let last = first
  for (let n = 0; n < 20; n++) last = (await at.must(200, at.refresh(last))).refresh_token
  assert.equal((await at.refresh(first)).status, 401)
  assert.equal((await at.refresh(last)).status, 401)
})

test('what is no refresh token is refused, and ends nothing', async () => {
  const { refresh_token, access_token } = await at.register()
  const [session = '', count = '', secret = ''] = refresh_token.split('.')
  const other = (await at.register()).refresh_token.split('.')[2] ?? ''
  for (const guessed of [
    '',
    'x',
    access_token,
    `${session}.${count}.${other}`,
    `${session}.1.${secret}`,
    `${session}.00.${secret}`,
    `${session}.-1.${secret}`,
    `${session}.999999.${secret}`,
    `${session}.${count}.${secret}.`,
    `${'0'.repeat(24)}.${count}.${secret}`,
  ])
    assert.equal((await at.refresh(guessed)).status, 401, guessed)
  assert.equal((await at.refresh(refresh_token)).status, 200)
})

test('a refresh token lasts 30 days from its last use', async () => {
  const local = await startRest()
  const there = accountsAt(local.service.url)
  try {
    const { refresh_token, access_token } = await there.register()
    local.service.advance(29 * 24 * 3_600_000)
    assert.equal(await there.status(access_token), 401)
    const next = (await there.must(200, there.refresh(refresh_token))).refresh_token
    local.service.advance(29 * 24 * 3_600_000)
    const last = await there.must(200, there.refresh(next))
    assert.equal(await there.status(last.access_token), 200)
    local.service.advance(31 * 24 * 3_600_000)
    assert.equal((await there.refresh(last.refresh_token)).status, 401)
  } finally {
    await local.close()
  }
})

test('a logout ends this login: its tokens and sockets, and no other', async () => {
  const one = await at.register()
  const other = await at.must(200, at.logIn(one.user.username))
  const [socket, stays] = await Promise.all([socketOf(one.access_token), socketOf(other.access_token)])
  const out = await at.call('logout', undefined, { token: one.access_token })
  assert.equal(out.status, 200)
  assert.equal(typeof out.body.message, 'string')
  assert.equal((await socket.closed).code, 4001)
  assert.equal(await at.status(one.access_token), 401)
  assert.equal((await at.refresh(one.refresh_token)).status, 401)
  await assert.rejects(service.socket('', '/ws', { token: one.access_token }), { status: 401 })
  assert.equal(await at.status(other.access_token), 200)
  assert.equal((await stays.ask({ type: 'ping' })).type, 'pong')
  await stays.close()
  assert.equal((await at.call('logout', {}, { token: one.access_token })).status, 401)
})

test('a logout takes the refresh token, also where the access token has run out', async () => {
  const one = await at.register()
  const { refresh_token } = one
  assert.equal((await at.call('logout', { refresh_token }, { token: 'run out' })).status, 200)
  assert.equal(await at.status(one.access_token), 401)
  assert.equal((await at.call('logout', { refresh_token })).status, 401)
  assert.equal((await at.call('logout', {})).status, 401)
  assert.equal((await at.call('logout', undefined)).status, 401)
  const foreign = await rest.root('POST', '/api/auth/logout', { as: 'ann', body: {} })
  assert.equal(foreign.status, 403)
})

test('a socket that took a new token ends with that one’s login', async () => {
  const one = await at.register()
  const other = await at.must(200, at.logIn(one.user.username))
  const socket = await socketOf(one.access_token)
  assert.equal((await socket.ask({ type: 'auth', token: other.access_token })).type, 'ack')
  await at.call('logout', {}, { token: one.access_token })
  assert.equal((await socket.ask({ type: 'ping' })).type, 'pong')
  await at.call('logout', {}, { token: other.access_token })
  assert.equal((await socket.closed).code, 4001)
})

test('logout-all ends all logins of the user', async () => {
  const one = await at.register()
  const others = await Promise.all([1, 2, 3].map(() => at.must(200, at.logIn(one.user.username))))
  const sockets = await Promise.all(others.map(({ access_token }) => socketOf(access_token)))
  assert.equal((await at.call('logout-all', {}, { token: one.access_token })).status, 200)
  for (const { code } of await Promise.all(sockets.map(({ closed }) => closed))) assert.equal(code, 4001)
  for (const { access_token, refresh_token } of [one, ...others]) {
    assert.equal(await at.status(access_token), 401)
    assert.equal((await at.refresh(refresh_token)).status, 401)
  }
  assert.equal((await at.logIn(one.user.username)).status, 200)
})

test('a new password ends the other logins, and the old one counts no more', async () => {
  const one = await at.register()
  const other = await at.must(200, at.logIn(one.user.username))
  const socket = await socketOf(other.access_token)
  const set = (body: object) => at.call('password', body, { token: one.access_token })
  assert.equal((await set({ old: 'wrong', new: 'looking glass' })).status, 403)
  const weak = await set({ old: password, new: 'iloveyou' })
  assert.deepEqual([weak.status, weak.body.errors?.[0]?.field], [422, 'new'])
  const same = await set({ old: password, new: one.user.username })
  assert.deepEqual([same.status, same.body.errors?.[0]?.field], [422, 'new'])
  const done = await set({ old: password, new: 'looking glass' })
  assert.deepEqual([done.status, typeof done.body.message], [200, 'string'])
  assert.equal((await socket.closed).code, 4001)
  assert.equal(await at.status(other.access_token), 401)
  assert.equal((await at.refresh(other.refresh_token)).status, 401)
  assert.equal(await at.status(one.access_token), 200)
  assert.equal((await at.refresh(one.refresh_token)).status, 200)
  assert.equal((await at.logIn(one.user.username)).status, 401)
  assert.equal((await at.logIn(one.user.username, 'looking glass')).status, 200)
  assert.equal(
    (await rest.root('POST', '/api/auth/password', { as: 'ann', body: { old: 'x', new: password } })).status,
    403,
  )
})

test('who is disabled is out, and told so after the right password only', async () => {
  const one = await at.register()
  const socket = await socketOf(one.access_token)
  const { id, username } = one.user
  const { status, body } = await change(id, { disabled: true })
  assert.deepEqual([status, body.id, body.username, body.disabled], [200, id, username, true])
  const { code, reason } = await socket.closed
  assert.deepEqual([code, reason], [4503, 'account disabled'])
  assert.equal(await at.status(one.access_token), 401)
  assert.equal((await at.refresh(one.refresh_token)).status, 401)
  const refused = await at.logIn(username)
  assert.deepEqual([refused.status, refused.body.code], [403, 'disabled'])
  assert.equal((await at.logIn(username, 'black rabbit')).status, 401)
  assert.equal((await change(id, { disabled: false })).body.disabled, false)
  assert.equal(await at.status(one.access_token), 401)
  assert.equal((await at.logIn(username)).status, 200)
})

test('an operator sets a password, which ends all logins', async () => {
  const one = await at.register()
  const { id, username } = one.user
  assert.equal((await change(id, { password: 'looking glass' })).status, 200)
  assert.equal(await at.status(one.access_token), 401)
  assert.equal((await at.logIn(username)).status, 401)
  assert.equal((await at.logIn(username, 'looking glass')).status, 200)
  for (const [body, field] of [
    [{ password: 'short' }, 'password'],
    [{ password: username }, 'password'],
    [{ disabled: 'yes' }, 'disabled'],
    [{ disabled: null }, 'disabled'],
  ] as const) {
    const wrong = await change(id, body)
    assert.deepEqual([wrong.status, wrong.body.errors?.[0]?.field], [422, field])
  }
  assert.equal((await change(id, {})).status, 422)
})

test('only operators change accounts, and only what there is', async () => {
  const { user, access_token } = await at.register()
  assert.equal((await change(user.id, { disabled: true }, 'ann')).status, 403)
  const headers = { authorization: `Bearer ${access_token}` }
  const own = await rest.call('PATCH', `/users/${user.id}`, { headers, body: { disabled: true } })
  assert.equal(own.status, 403)
  for (const id of ['0'.repeat(24), 'ann', newName()])
    assert.equal((await change(id, { disabled: true })).status, 404)
})
