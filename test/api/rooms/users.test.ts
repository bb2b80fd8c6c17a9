import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { newName, password } from '../../support/accounts.ts'
import { startRest } from '../../support/rest.ts'
import { openSocket } from '../../support/socket.ts'
import { enter } from './support.ts'

const rest = await startRest()
after(rest.close)
const { service, root, call } = rest

interface RoomUser {
  id: string
  _id: string
  username: string
  email: string | null
  disabled: boolean
  active: boolean
  created_at: string
  updated_at: string
}

interface RoomToken {
  access_token: string
  token_type: string
  expires_in: number
  refresh_token: string
  id: string
  username: string
}

const register = (body: object, path = '/users/') =>
  root<RoomUser & { code: string; detail: unknown }>('POST', path, { body })
const logIn = (body: object, path = '/auths/login') =>
  root<RoomToken & { code: string; detail: unknown }>('POST', path, { body })
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

/** Sends fields as a form. */
const sendForm = async (path: string, fields: Record<string, string>, kind: 'form' | 'multipart') => {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  const response = await fetch(service.url + path, {
    method: 'POST',
    body: kind === 'form' ? new URLSearchParams(fields) : form,
  })
  return { status: response.status, body: (await response.json()) as RoomToken }
}

test('who registers is answered as a user, with nothing of the password', async () => {
  const username = newName()
  const email = `${username}@example.org`
  const { status, body, text } = await register({
    username,
    password,
    email,
    colour: 'green',
    disabled: true,
  })
  assert.equal(status, 201)
  const { id, created_at, updated_at, ...user } = body
  assert.match(id, /^[0-9a-f]{24}$/)
  assert.deepEqual(user, { _id: id, username, email, disabled: false, active: true })
  for (const at of [created_at, updated_at]) assert.equal(new Date(at).toISOString(), at)
  assert.ok(!text.includes(password) && !text.includes('argon2'))
  assert.equal((await register({ username: newName(), password })).body.email, null)
  assert.equal((await register({ username: newName(), password }, '/users')).status, 201)
})

test('names and addresses are taken once, whatever the case', async () => {
  const username = newName()
  const email = `${username}@example.org`
  await register({ username, password, email })
  const again = await register({ username: username.toUpperCase(), password })
  assert.deepEqual([again.status, again.body.code, typeof again.body.detail], [409, 'name_taken', 'string'])
  assert.equal((await register({ username: newName(), password, email: email.toUpperCase() })).status, 409)
})

test('what is wrong with a registration is told by field', async () => {
  for (const [body, field] of [
    [{}, 'username'],
    [{ username: newName() }, 'password'],
    [{ password }, 'username'],
    [{ username: 'ab', password }, 'username'],
    [{ username: newName(), password: 'short' }, 'password'],
    [{ username: newName(), password, email: 'no address' }, 'email'],
  ] as const) {
    const answer = await root('POST', '/users/', { body })
    assert.deepEqual([answer.status, answer.body.errors?.[0]?.field], [422, field])
    assert.equal(typeof answer.body.detail, 'string')
  }
  assert.equal((await root('POST', '/users/', { raw: '{' })).status, 400)
  assert.equal(
    (await root('POST', '/users/', { raw: 'x', headers: { 'content-type': 'text/plain' } })).status,
    415,
  )
})

test('the documented passwords are good ones', async () => {
  for (const documented of ['testpass123', 'alicepass123'])
    assert.equal((await register({ username: newName(), password: documented })).status, 201)
})

test('a login takes JSON and both kinds of form, by name and by address, at both paths', async () => {
  const username = newName()
  const email = `${username}@example.org`
  const { id } = (await register({ username, password, email })).body
  for (const path of ['/auths/login', '/auth/login', '/auths/login/', '/auth/login/'])
    for (const name of [username, email, username.toUpperCase()]) {
      const { status, body } = await logIn({ username: name, password }, path)
      assert.equal(status, 200)
      const { access_token, refresh_token, ...rest } = body
      assert.deepEqual(rest, { token_type: 'bearer', expires_in: 1_800, id, username })
      assert.equal(access_token.split('.').length, 3)
      assert.equal(typeof refresh_token, 'string')
    }
  const oauth = { grant_type: 'password', username, password, scope: '', client_id: 'web' }
  for (const kind of ['form', 'multipart'] as const) {
    const { status, body } = await sendForm('/auths/login', oauth, kind)
    assert.deepEqual([status, body.username], [200, username])
  }
})

test('the token opens all doors, and the socket tells the account’s name', async () => {
  const username = newName()
  const { id } = (await register({ username, password })).body
  const { access_token } = (await logIn({ username, password })).body
  assert.equal((await call('GET', '/groups', bearer(access_token))).status, 200)
  const me = await root<RoomUser>('GET', '/users/me', bearer(access_token))
  assert.deepEqual([me.status, me.body.id, me.body.username], [200, id, username])
  const socket = await openSocket(`${service.url}/chat/ws/general`, { token: access_token })
  socket.send({ content: 'with a name' })
  const message = await socket.next('message')
  assert.deepEqual([message.user_id, message.username], [id, username])
  await socket.close()
})

test('a failed login never says which part was wrong', async () => {
  const username = newName()
  await register({ username, password })
  const wrong = await logIn({ username, password: 'no rabbit' })
  const unknown = await logIn({ username: newName(), password: 'no rabbit' })
  assert.deepEqual([wrong.status, unknown.status], [401, 401])
  assert.deepEqual(wrong.body.detail, unknown.body.detail)
  assert.match(wrong.headers.get('www-authenticate') ?? '', /^Bearer/)
  for (const body of [{}, { username }, { username: '', password }])
    assert.equal((await logIn(body)).status, 422)
})

test('a disabled user is told so after the right password alone', async () => {
  const username = newName()
  const { id } = (await register({ username, password })).body
  const operator = { as: 'root (admin)', body: { disabled: true } }
  assert.equal((await call('PATCH', `/users/${id}`, operator)).status, 200)
  assert.equal((await logIn({ username, password })).status, 403)
  assert.equal((await logIn({ username, password: 'no rabbit' })).status, 401)
})

test('a user of elsewhere is shown as their token says', async () => {
  const { status, body } = await root<RoomUser>('GET', '/users/me/', { as: 'foreign' })
  const { id, _id, username, email, disabled, active, created_at, updated_at } = body
  assert.deepEqual(
    [status, id, _id, username, email, disabled, active, updated_at],
    [200, 'foreign', 'foreign', 'foreign', null, false, true, created_at],
  )
  assert.equal((await root('GET', '/users/me')).status, 401)
})

test('without accounts there are rooms for those who log in elsewhere', async () => {
  const local = await startRest({ ACCOUNTS: 'off' })
  for (const path of ['/users/', '/auths/login', '/auth/login'])
    assert.equal((await local.root('POST', path, { body: {} })).status, 404)
  assert.equal((await local.root('GET', '/users/me', { as: 'mia' })).status, 200)
  await (await enter(local.service, 'general', 'mia')).close()
  await local.close()
})
