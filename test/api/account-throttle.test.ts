import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { accountsAt, newName, password } from '../support/accounts.ts'
import { tokenFor } from '../support/process.ts'
import { startService, type TestService } from '../support/service.ts'

const proxied = { TRUSTED_PROXIES: '127.0.0.1' }
const service = await startService(proxied)
after(() => service[Symbol.asyncDispose]())
const at = accountsAt(service.url)

let addresses = 0
/** An address that nobody has used yet. */
const newAddress = (): string => `10.${++addresses >> 16}.${(addresses >> 8) & 255}.${addresses & 255}`

const guess = (name: string, address: string, times = 1) =>
  Promise.all(
    Array.from(
      { length: times },
      async (_, n) => (await at.logIn(name, `wrong guess ${n}`, { address })).status,
    ),
  )
const right = (name: string, address: string) => at.logIn(name, password, { address })
const refused = (statuses: readonly number[]) => statuses.filter((status) => status === 429).length

describe('wrong passwords', () => {
  test('ten for a name from an address are too many, until 15 minutes have passed', async () => {
    const { username } = (await at.register()).user
    const address = newAddress()
    assert.deepEqual(new Set(await guess(username, address, 10)), new Set([401]))
    const { status, headers, body } = await right(username, address)
    assert.deepEqual([status, body.code], [429, 'rate_limited'])
    const retryAfter = Number(headers.get('retry-after'))
    assert.ok(retryAfter > 880 && retryAfter <= 900, `${retryAfter}`)
    // Elsewhere, and for others, it is as before.
    assert.equal((await right(username, newAddress())).status, 200)
    assert.equal((await guess(newName(), address))[0], 401)
    service.advance(retryAfter * 1_000)
    assert.equal((await right(username, address)).status, 200)
  })

  test('a name that nobody has is counted as any other, whatever its case', async () => {
    const [name, address] = [newName(), newAddress()]
    assert.equal(refused(await guess(name, address, 10)), 0)
    const known = (await at.register()).user.username
    const there = newAddress()
    assert.equal(refused(await guess(known.toUpperCase(), there, 10)), 0)
    const answers = await Promise.all([right(name.toUpperCase(), address), right(known, there)])
    for (const { status, text } of answers) {
      assert.equal(status, 429)
      assert.equal(
        text.replace(/"correlation_id":"[^"]*"/, ''),
        answers[0]?.text.replace(/"correlation_id":"[^"]*"/, ''),
      )
    }
  })
})

describe('settings', () => {
  const withService = async (env: Record<string, string>, run: (service: TestService) => Promise<void>) => {
    await using own = await startService({ ...proxied, ...env })
    await run(own)
  }

  test('RATE_LIMIT_LOGINS=0 lifts all of that, a lower one allows fewer a minute', async () => {
    await withService({ RATE_LIMIT_LOGINS: '0' }, async ({ url }) => {
      const there = accountsAt(url)
      const { username } = (await there.register()).user
      const statuses = await Promise.all(
        Array.from({ length: 12 }, async () => (await there.logIn(username, 'wrong guess')).status),
      )
      assert.deepEqual(new Set(statuses), new Set([401]))
    })
    await withService({ RATE_LIMIT_LOGINS: '2' }, async ({ url, advance }) => {
      const there = accountsAt(url)
      const name = newName()
      const statuses: number[] = []
      for (let n = 0; n < 3; n++) statuses.push((await there.logIn(name)).status)
      assert.deepEqual(statuses, [401, 401, 429])
      advance(60_000)
      assert.equal((await there.logIn(name)).status, 401)
    })
  })

  test('in production an address registers 20 users an hour, operators as many as they like', async () => {
    const production = { ENVIRONMENT: 'production', ACCOUNTS: 'on', ALLOW_WEAK_JWT_SECRET: 'true' }
    await withService(production, async (own) => {
      const there = accountsAt(own.url)
      const one = (address: string, token?: string) =>
        there.call('register', { username: newName(), password }, { address, ...(token && { token }) })
      const home = newAddress()
      const answers = await Promise.all(Array.from({ length: 21 }, () => one(home)))
      assert.equal(refused(answers.map(({ status }) => status)), 1)
      const { headers } = await one(home)
      assert.ok(Number(headers.get('retry-after')) > 3_500)
      // What can't be an account at all is told without being counted.
      const wrong = { username: 'ab', password }
      assert.equal((await there.call('register', wrong, { address: home })).status, 422)
      assert.equal((await one(newAddress())).status, 201)
      assert.equal((await one(home, await tokenFor('root', { scope: 'chat:admin' }))).status, 201)
      assert.equal((await one(home, await tokenFor('ann'))).status, 429)
      const metrics = await (await fetch(`${own.url}/metrics`)).text()
      assert.match(metrics, /chat_rate_limited_total\{what="registrations"\} 3/)
      own.advance(3_600_000)
      assert.equal((await one(home)).status, 201)
    })
  })

  test('RATE_LIMIT_REGISTRATIONS is for each minute, or for each hour', async () => {
    for (const [given, ms] of [
      ['2', 60_000],
      ['2/h', 3_600_000],
    ] as const)
      await withService({ RATE_LIMIT_REGISTRATIONS: given }, async ({ url, advance }) => {
        const there = accountsAt(url)
        const one = async () => (await there.call('register', { username: newName(), password })).status
        assert.deepEqual([await one(), await one(), await one()], [201, 201, 429])
        advance(ms - 2_000)
        assert.equal(await one(), 429)
        advance(2_000)
        assert.equal(await one(), 201)
      })
  })
})
