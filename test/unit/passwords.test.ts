import assert from 'node:assert/strict'
import { argon2Sync } from 'node:crypto'
import { after, test } from 'node:test'
import { createPasswords as create } from '../../src/auth/passwords.ts'

const made: ReturnType<typeof create>[] = []
after(() => Promise.all(made.map((each) => each.close())))
function createPasswords(...cost: Parameters<typeof create>) {
  const passwords = create(...cost)
  made.push(passwords)
  return passwords
}

/** Quick, for tests that hash often. */
const light = { memory: 64, passes: 1, parallelism: 1 }

test('a hash tells its parameters, is of its password alone, and never the same twice', async () => {
  const passwords = createPasswords()
  const hash = await passwords.hash('white rabbit')
  const [, kind, version, cost, salt = '', tag = ''] = hash.split('$')
  assert.deepEqual([kind, version, cost], ['argon2id', 'v=19', 'm=19456,t=2,p=1'])
  const nonce = Buffer.from(salt, 'base64')
  assert.equal(nonce.length, 16)
  const options = { message: 'white rabbit', nonce, memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 }
  assert.equal(argon2Sync('argon2id', options).toString('base64').replaceAll('=', ''), tag)
  assert.notEqual(await passwords.hash('white rabbit'), hash)
  assert.equal(await passwords.verify('white rabbit', hash), true)
  assert.equal(await passwords.verify('white rabbiT', hash), false)
  assert.equal(await passwords.verify('white rabbit', null), false)
})

test('a hash of other parameters still counts, and is to be renewed', async () => {
  const hash = await createPasswords(light).hash('white rabbit')
  const passwords = createPasswords()
  assert.equal(await passwords.verify('white rabbit', hash), true)
  assert.equal(await passwords.verify('black rabbit', hash), false)
  assert.equal(passwords.isStale(hash), true)
  assert.equal(passwords.isStale(await passwords.hash('white rabbit')), false)
})

test('what is no hash of bearable cost is an error, which does not hold it', async () => {
  const passwords = createPasswords(light)
  const [salt, tag] = ['c2FsdHNhbHRzYWx0', 'dGFndGFndGFndGFndGFn']
  for (const hash of [
    '',
    'plain text',
    `$argon2i$v=19$m=64,t=1,p=1$${salt}$${tag}`,
    `$argon2id$v=19$m=9999999,t=1,p=1$${salt}$${tag}`,
    `$argon2id$v=19$m=64,t=999,p=1$${salt}$${tag}`,
  ])
    await assert.rejects(passwords.verify('x', hash), (error: Error) => !error.message.includes(tag))
})

test('the main thread goes on meanwhile', async () => {
  const passwords = createPasswords()
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  await Promise.all(Array.from({ length: 6 }, () => passwords.verify('x', null)))
  clearInterval(timer)
  assert.ok(turns > 3, `${turns} turns`)
})

test('two are hashed at once, a hundred wait in their order, and the rest is told to come back', async () => {
  const passwords = createPasswords(light)
  const order: number[] = []
  const outcomes = await Promise.allSettled(
    Array.from({ length: 110 }, async (_, n) => {
      await passwords.verify('x', null)
      order.push(n)
    }),
  )
  const refused = outcomes.filter((each) => each.status === 'rejected')
  assert.equal(refused.length, 8)
  for (const { reason } of refused) {
    assert.equal(reason.code, 'unavailable')
    assert.ok(reason.retryAfterMs > 0)
  }
  assert.equal(order.length, 102)
  assert.ok(
    order.slice(0, 10).every((n) => n < 14),
    order.join(),
  )
  assert.equal(await passwords.verify('x', null), false)
})
