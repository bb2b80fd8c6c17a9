import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { mongoMissing } from '../mongo/server.ts'
import { accountsAt, newName, password } from '../support/accounts.ts'
import { eventually } from '../support/eventually.ts'
import { newDatabaseEnv, startService, type TestService } from '../support/service.ts'

describe('accounts on two instances', { skip: (await mongoMissing()) ?? false }, () => {
  let env: Record<string, string>
  let one: TestService
  let two: TestService
  let here: ReturnType<typeof accountsAt>
  let there: ReturnType<typeof accountsAt>
  before(async () => {
    env = { ...(await newDatabaseEnv()), TRUSTED_PROXIES: '127.0.0.1' }
    ;[one, two] = await Promise.all([startService(env), startService(env)])
    ;[here, there] = [accountsAt(one.url), accountsAt(two.url)]
  })
  after(() => Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()]))

  /** Ends a login here, and finds it ended there within five seconds. */
  async function endsThere(
    end: (token: string, userId: string) => Promise<unknown>,
    code: number,
  ): Promise<void> {
    const { user, access_token, refresh_token } = await here.register()
    const socket = await two.socket('', '/ws', { token: access_token })
    await socket.next('connected')
    assert.equal(await there.status(access_token), 200)
    await end(access_token, user.id)
    const endedAt = performance.now()
    assert.equal(await here.status(access_token), 401)
    assert.equal((await socket.closed).code, code)
    await eventually('the token is refused there', async () => (await there.status(access_token)) === 401)
    assert.ok(performance.now() - endedAt < 5_000)
    assert.equal((await there.refresh(refresh_token)).status, 401)
    await assert.rejects(two.socket('', '/ws', { token: access_token }), { status: 401 })
  }

  test('a logout here ends tokens and sockets there within 5 s', () =>
    endsThere((token) => here.call('logout', {}, { token }), 4001))

  test('so does logging out everywhere', () =>
    endsThere((token) => here.call('logout-all', {}, { token }), 4001))

  test('who is disabled here is out there, and stays away', () =>
    endsThere(async (_, id) => {
      const operator = await one.api('root', { scope: 'chat:admin' })
      const { status } = await operator.call('PATCH', `/users/${id}`, { body: { disabled: true } })
      assert.equal(status, 200)
    }, 4503))

  test('what is registered, refreshed or ended is so on both', async () => {
    const { user, refresh_token: first } = await here.register()
    assert.equal((await there.logIn(user.username)).body.user.id, user.id)
    const second = (await there.must(200, there.refresh(first))).refresh_token
    assert.equal((await here.must(200, here.refresh(first))).refresh_token, second)
    await here.must(200, here.refresh(second))
    assert.equal((await there.refresh(first)).status, 401)
    assert.equal((await here.refresh(second)).status, 401)
  })

  test('an instance that starts later knows what has ended', async () => {
    const { access_token } = await here.register()
    await here.call('logout', {}, { token: access_token })
    await using late = await startService(env)
    assert.equal(await accountsAt(late.url).status(access_token), 401)
  })

  test('of two who register one name at once on two instances one gets it', async () => {
    for (let n = 0; n < 5; n++) {
      const username = newName()
      const both = await Promise.all([here, there].map((at) => at.call('register', { username, password })))
      assert.deepEqual(both.map(({ status }) => status).toSorted(), [201, 409])
      const winner = both.find(({ status }) => status === 201)
      for (const at of [here, there])
        assert.equal((await at.must(200, at.logIn(username))).user.id, winner?.body.user.id)
    }
  })

  test('wrong passwords count together', async () => {
    const { username } = (await here.register()).user
    const address = '10.0.0.1'
    const guess = (n: number) => (n % 2 ? here : there).logIn(username, `wrong guess ${n}`, { address })
    const statuses: number[] = []
    for (let n = 0; n < 10; n++) statuses.push((await guess(n)).status)
    assert.deepEqual(new Set(statuses), new Set([401]))
    for (const at of [here, there])
      assert.equal((await at.logIn(username, password, { address })).status, 429)
  })

  test('two who refresh with one token on two instances both go on', async () => {
    for (let n = 0; n < 5; n++) {
      const { refresh_token } = await here.register()
      const both = await Promise.all([here, there].map((at) => at.must(200, at.refresh(refresh_token))))
      const next = await Promise.all(both.map((each, i) => (i ? here : there).refresh(each.refresh_token)))
      assert.deepEqual(
        next.map(({ status }) => status),
        [200, 200],
      )
    }
  })
})
