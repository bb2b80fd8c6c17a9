import assert from 'node:assert/strict'
import { hkdfSync } from 'node:crypto'
import { after, describe, test } from 'node:test'
import { decodeJwt, SignJWT } from 'jose'
import { createVerifier } from '../../src/auth/token.ts'
import { readConfig } from '../../src/config.ts'
import { accountsAt, newName } from '../support/accounts.ts'
import { secret, tokenFor } from '../support/process.ts'
import { startService } from '../support/service.ts'

const own = 'a secret for accounts alone, longer than 32 bytes'
const service = await startService({ JWT_ISSUER: 'https://auth.example.com', ACCOUNTS_SECRET: own })
after(() => service[Symbol.asyncDispose]())
const at = accountsAt(service.url)
const bytes = (text: string) => new TextEncoder().encode(text)

const signed = (key: Uint8Array, claims: Record<string, unknown>, alg = 'HS256') =>
  new SignJWT({ exp: Math.floor(Date.now() / 1_000) + 600, ...claims }).setProtectedHeader({ alg }).sign(key)

describe('tokens of accounts and of an auth-api are taken side by side', () => {
  test('each by its own key and issuer', async () => {
    const { access_token, user } = await at.register()
    assert.equal(await at.status(access_token), 200)
    const issuer = 'https://auth.example.com'
    assert.equal(await at.status(await tokenFor('ann', { issuer })), 200)
    assert.equal(await at.status(await tokenFor('ann')), 401)
    // Our key is nothing to the auth-api's other services, nor is theirs to us.
    const claims = decodeJwt(access_token)
    const ours = await signed(bytes(own), claims)
    assert.equal(await at.status(ours), 200)
    for (const forged of [
      await signed(bytes(secret), claims),
      await signed(bytes(own), { ...claims, iss: issuer }),
      await signed(bytes(own), { ...claims, iss: 'chat-apj' }),
      await signed(bytes(own), claims, 'HS512'),
      await signed(bytes(own), { ...claims, sid: undefined }),
      await signed(bytes(own), { ...claims, sid: { $gt: '' } }),
      await signed(bytes(own), { ...claims, sid: 'x' }),
      await signed(bytes(own), { ...claims, sub: 'ann' }),
      await signed(bytes(own), { ...claims, exp: undefined }),
      await signed(bytes(own), { ...claims, exp: 1 }),
    ])
      assert.equal(await at.status(forged), 401)
    // An account's id belongs to accounts.
    const foreign = await tokenFor(user.id, { issuer })
    assert.equal(await at.status(foreign), 401)
    await assert.rejects(service.socket('', '/ws', { token: foreign }), { status: 401 })
    assert.equal(await at.status(await tokenFor('0'.repeat(24), { issuer })), 200)
  })

  test('the scope of operators is not to be had by an account', async () => {
    const { access_token, user } = await at.register()
    const admin = await signed(bytes(own), { ...decodeJwt(access_token), scope: 'chat:admin' })
    const answer = await fetch(`${service.base}/users/${user.id}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
      body: '{"disabled":true}',
    })
    assert.equal(answer.status, 403)
  })
})

test('without a secret of its own the key is derived, and the secret of before still counts', async () => {
  const derivedFrom = (text: string) =>
    new Uint8Array(hkdfSync('sha256', text, 'chat-api', 'accounts: access tokens', 32))
  const claims = { iss: 'chat-api', sub: 'a'.repeat(24), sid: 'b'.repeat(24) }
  const [now, before] = [
    'the secret of now, longer than 32 bytes',
    'the secret of before, longer than 32 bytes',
  ]
  const env = { JWT_SECRET: now, JWT_PREVIOUS_SECRET: before }
  const { verify } = createVerifier(readConfig(env))
  for (const text of [now, before]) {
    const { userId, sessionId, admin } = await verify(await signed(derivedFrom(text), claims))
    assert.deepEqual([userId, sessionId, admin], [claims.sub, claims.sid, false])
    // Under the shared secret itself it is a token of the auth-api, and of no session.
    assert.equal((await verify(await signed(bytes(text), claims))).sessionId, undefined)
  }
  const off = createVerifier(readConfig({ ...env, ACCOUNTS: 'false' }))
  await assert.rejects(off.verify(await signed(derivedFrom(now), claims)), { code: 'unauthenticated' })
})

test('without accounts there are no such routes, and nobody’s id is an account’s', async () => {
  await using off = await startService({ ACCOUNTS: 'off' })
  const { status } = await accountsAt(off.url).call('register', {
    username: newName(),
    password: 'white rabbit',
  })
  assert.equal(status, 404)
  assert.equal(await accountsAt(off.url).status(await tokenFor('a'.repeat(24))), 200)
})

test('ACCESS_TOKEN_EXPIRE_MINUTES says how long an access token lasts', async () => {
  await using short = await startService({ ACCESS_TOKEN_EXPIRE_MINUTES: '2' })
  const there = accountsAt(short.url)
  const { access_token, expires_in } = await there.register()
  assert.equal(expires_in, 120)
  short.advance(119_000)
  assert.equal(await there.status(access_token), 200)
  short.advance(7_000)
  assert.equal(await there.status(access_token), 401)
})

test('the names that other services have for settings are taken', () => {
  const config = readConfig({ SECRET_KEY: secret, ALGORITHM: 'HS256', ACCESS_TOKEN_EXPIRE_MINUTES: '60' })
  assert.deepEqual([config.jwtSecret, config.jwtAlgorithms], [secret, ['HS256']])
  assert.equal(config.accessTokenExpireMinutes, 60)
  assert.equal(readConfig({ SECRET_KEY: secret, JWT_SECRET: secret }).jwtSecret, secret)
  assert.throws(() => readConfig({ SECRET_KEY: secret, JWT_SECRET: 'another' }), /SECRET_KEY is another name/)
})

test('accounts are on in development, and in production where they are asked for', () => {
  const production = { ENVIRONMENT: 'production', JWT_SECRET: 'Yk3vQ8xw2mN7pR4tZ9bL6cH1dF5gJ0sA' }
  assert.equal(readConfig({}).accounts, true)
  assert.equal(readConfig(production).accounts, false)
  assert.equal(readConfig({ ...production, ACCOUNTS: 'on' }).accounts, true)
  const alone = { ENVIRONMENT: 'production', ACCOUNTS: 'on', ACCOUNTS_SECRET: production.JWT_SECRET }
  assert.equal(readConfig(alone).jwtSecret, null)
  for (const [env, wrong] of [
    [
      { ...production, JWT_SECRET: '', JWT_JWKS_URL: 'https://a.example/keys', ACCOUNTS: 'on' },
      /ACCOUNTS_SECRET: production needs it/,
    ],
    [{ ...alone, ACCOUNTS_SECRET: 'short' }, /ACCOUNTS_SECRET: has 5 bytes/],
  ] as const)
    assert.throws(() => readConfig(env), wrong)
})
