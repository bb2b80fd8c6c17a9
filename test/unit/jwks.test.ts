import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose'
import { createJwks } from '../../src/auth/jwks.ts'
import { createVerifier } from '../../src/auth/token.ts'
import { readConfig } from '../../src/config.ts'

const at = Date.parse('2026-01-01T00:00:00Z')

/** A key pair, its public half as an issuer publishes it, and a token of alice signed with it. */
async function issue(alg: string, jwk: JWK = { kid: alg }, kid: string | undefined = jwk.kid) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const token = await new SignJWT({ sub: 'alice', exp: at / 1_000 + 3_600 })
    .setProtectedHeader({ alg, ...(kid === undefined ? undefined : { kid }) })
    .sign(privateKey)
  return { jwk: { ...(await exportJWK(publicKey)), ...jwk }, token, publicKey, privateKey }
}

/** An issuer that answers as told, a verifier that asks it, and a clock to move. */
async function setUp(t: TestContext, answer: RequestListener, env: Record<string, string> = {}) {
  const issuer = { answer, asked: 0 }
  const server = createServer((request, response) => {
    issuer.asked++
    issuer.answer(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const clock = { now: at }
  let backMs = 0
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`
  const { verify } = createVerifier(readConfig({ JWT_JWKS_URL: url, ...env }), {
    now: () => clock.now - backMs,
    clock: () => clock.now,
  })
  const setBack = (ms: number) => {
    backMs += ms
  }
  return { issuer, clock, setBack, verify }
}

const publish =
  (...keys: JWK[]): RequestListener =>
  (_, response) =>
    response.end(JSON.stringify({ keys }))

const fail: RequestListener = (_, response) => response.writeHead(500).end('no')

for (const alg of ['RS256', 'PS256', 'ES256', 'EdDSA'])
  test(`a token signed with ${alg} by a published key is accepted`, async (t) => {
    const { jwk, token } = await issue(alg)
    const { verify, issuer } = await setUp(t, publish(jwk))
    const claims = await Promise.all([verify(token), verify(token), verify(token)])
    assert.equal(claims[0].userId, 'alice')
    assert.equal(issuer.asked, 1, 'those who ask together share one fetch')
  })

test('without kid, each key that fits is tried', async (t) => {
  const [one, two] = await Promise.all([issue('RS256', {}), issue('RS256', {})])
  const { verify } = await setUp(t, publish(one.jwk, two.jwk))
  assert.equal((await verify(two.token)).userId, 'alice')
})

test('a public key never serves as an HMAC secret, nor with the algorithm of another key type', async (t) => {
  const { jwk, publicKey } = await issue('RS256')
  const { verify, issuer } = await setUp(t, publish(jwk, { kty: 'oct', k: 'c2VjcmV0', kid: 'shared' }))
  const sign = (alg: string, kid: string, key: Uint8Array) =>
    new SignJWT({ sub: 'alice', exp: at / 1_000 + 60 }).setProtectedHeader({ alg, kid }).sign(key)
  const pem = new TextEncoder().encode(await exportSPKI(publicKey))
  await assert.rejects(verify(await sign('HS256', 'RS256', pem)), { code: 'unauthenticated' })
  await assert.rejects(verify(await sign('HS256', 'shared', new TextEncoder().encode('secret'))), {
    code: 'unauthenticated',
  })
  assert.equal(issuer.asked, 0)
})

test('an algorithm outside JWT_ALGORITHMS is refused without asking the issuer', async (t) => {
  const { jwk, token } = await issue('ES256')
  const { verify, issuer } = await setUp(t, publish(jwk), { JWT_ALGORITHMS: 'RS256' })
  await assert.rejects(verify(token), { code: 'unauthenticated' })
  assert.equal(issuer.asked, 0)
})

test('500 unknown kids make one fetch in 30 s', async (t) => {
  const { jwk, token, privateKey } = await issue('ES256')
  const { verify, issuer, clock } = await setUp(t, publish(jwk))
  await verify(token)
  clock.now += 30_000
  const strangers = Array.from({ length: 500 }, (_, i) =>
    new SignJWT({ sub: 'alice', exp: at / 1_000 + 60 })
      .setProtectedHeader({ alg: 'ES256', kid: i ? `../${i}` : '' })
      .sign(privateKey),
  )
  const outcomes = await Promise.allSettled((await Promise.all(strangers)).map((each) => verify(each)))
  for (const outcome of outcomes)
    assert.equal(outcome.status === 'rejected' && outcome.reason.code, 'unauthenticated')
  assert.equal(issuer.asked, 2)
})

test('a key that the issuer publishes later is found at its first use', async (t) => {
  const [old, fresh] = await Promise.all([issue('ES256', { kid: 'old' }), issue('ES256', { kid: 'new' })])
  const { verify, issuer, clock } = await setUp(t, publish(old.jwk))
  await verify(old.token)
  issuer.answer = publish(fresh.jwk)
  clock.now += 30_000
  assert.equal((await verify(fresh.token)).userId, 'alice')
})

test('a key that the issuer withdrew is refused soon after, for remembered tokens too', async (t) => {
  const { jwk, token, privateKey } = await issue('ES256')
  const { verify, issuer, clock } = await setUp(t, publish(jwk))
  await verify(token)
  issuer.answer = publish()
  clock.now += 600_001
  const accepted = async (jti: string) => {
    const fresh = new SignJWT({ sub: 'alice', exp: at / 1_000 + 3_600, jti })
      .setProtectedHeader({ alg: 'ES256', kid: 'ES256' })
      .sign(privateKey)
    return verify(await fresh).then(
      () => true,
      () => false,
    )
  }
  const deadline = performance.now() + 5_000
  for (let n = 0; await accepted(`${n}`); n++) assert.ok(performance.now() < deadline, 'still accepted')
  await assert.rejects(verify(token), { code: 'unauthenticated' })
})

test('while the issuer is away its last keys go on being used; strangers are told to come back', async (t) => {
  const { jwk, token } = await issue('ES256')
  const stranger = await issue('ES256', { kid: 'stranger' })
  const { verify, issuer, clock } = await setUp(t, publish(jwk))
  await verify(token)
  issuer.answer = fail
  clock.now += 1_800_000
  assert.equal((await verify(token)).userId, 'alice')
  await assert.rejects(verify(stranger.token), { code: 'unavailable' })
})

const huge: RequestListener = (_, response) => {
  const chunk = Buffer.alloc(65_536, ' ')
  const write = () => {
    while (!response.destroyed) if (!response.write(chunk)) return response.once('drain', write)
    return response
  }
  write()
}

const faults: Record<string, RequestListener> = {
  'answers 500': fail,
  'sends no JSON': (_, response) => response.end('<html>'),
  'sends no key set': (_, response) => response.end('{"keys":1}'),
  redirects: (request, response) =>
    request.url === '/jwks'
      ? response.writeHead(302, { location: '/other' }).end()
      : response.end('{"keys":[]}'),
  'never stops sending': huge,
  'hangs before its answer': () => {},
  'hangs within its answer': (_, response) => response.write('{"keys":'),
  'resets the connection': (_, response) => response.destroy(),
}

for (const [what, answer] of Object.entries(faults))
  test(`an issuer that ${what} is asked once in 30 s, and the caller told within 2 s to come back`, async (t) => {
    const { jwk, token } = await issue('ES256')
    const { verify, issuer, clock } = await setUp(t, answer)
    const started = performance.now()
    await Promise.all(
      Array.from({ length: 20 }, () =>
        assert.rejects(verify(token), { code: 'unavailable', retryAfterMs: 30_000 }),
      ),
    )
    assert.ok(performance.now() - started < 2_900)
    clock.now += 29_000
    await assert.rejects(verify(token), { code: 'unavailable', retryAfterMs: 1_000 })
    assert.equal(issuer.asked, 1)
    issuer.answer = publish(jwk)
    clock.now += 1_000
    assert.equal((await verify(token)).userId, 'alice', 'it recovers by itself')
  })

test('a key that was withdrawn is accepted for five minutes at most, also by a token that was seen before', async (t) => {
  const [old, young] = await Promise.all([issue('RS256', { kid: 'old' }), issue('RS256', { kid: 'young' })])
  const { issuer, clock, verify } = await setUp(t, publish(old.jwk))
  assert.equal((await verify(old.token)).userId, 'alice')
  issuer.answer = publish(young.jwk)
  clock.now += 300_001
  await assert.rejects(verify(old.token), { code: 'unauthenticated' })
  assert.equal((await verify(young.token)).userId, 'alice')
})

test('JWT_JWKS_MAX_AGE says how long, and nobody waits for a routine refresh', async (t) => {
  const { jwk, token } = await issue('RS256')
  const { issuer, clock, verify } = await setUp(t, publish(jwk), { JWT_JWKS_MAX_AGE: '2m' })
  await verify(token)
  const asked = Promise.withResolvers<void>()
  issuer.answer = () => asked.resolve()
  clock.now += 60_001
  assert.equal((await verify(token)).userId, 'alice')
  await asked.promise
})

test('an issuer that is away is waited for once, then its last keys go on being used', async () => {
  const clock = { now: 0 }
  const { jwk } = await issue('RS256')
  const answers: (() => Promise<Response>)[] = [
    async () => Response.json({ keys: [jwk] }),
    async () => new Response(null, { status: 500 }),
    () => new Promise(() => {}),
  ]
  const jwks = createJwks({
    url: 'http://127.0.0.1/jwks',
    clock: () => clock.now,
    maxAgeMs: 300_000,
    fetch: () => answers.shift()?.() ?? assert.fail('asked too often'),
  })
  const header = { alg: 'RS256', kid: jwk.kid ?? '' }
  assert.equal((await jwks.keysFor(header)).length, 1)
  clock.now += 300_001
  await jwks.freshen()
  clock.now += 30_001
  assert.equal(jwks.freshen(), undefined)
  assert.equal(answers.length, 0, 'it is asked in the background')
  assert.equal((await jwks.keysFor(header)).length, 1)
})

test('a clock that is set back does not keep a withdrawn key', async (t) => {
  const [old, young] = await Promise.all([issue('RS256', { kid: 'old' }), issue('RS256', { kid: 'young' })])
  const { issuer, clock, setBack, verify } = await setUp(t, publish(old.jwk))
  assert.equal((await verify(old.token)).userId, 'alice')
  issuer.answer = publish(young.jwk)
  setBack(1_800_000)
  clock.now += 300_001
  await assert.rejects(verify(old.token), { code: 'unauthenticated' })
})

test('remembered tokens are looked at again only when the issuer publishes other keys', async () => {
  const clock = { now: 0 }
  const { jwk } = await issue('RS256')
  const other = await issue('RS256')
  let keys = [jwk]
  let changes = 0
  const jwks = createJwks({
    url: 'http://127.0.0.1/jwks',
    clock: () => clock.now,
    maxAgeMs: 300_000,
    fetch: async () => Response.json({ keys }),
    onChanged: () => changes++,
  })
  const header = { alg: 'RS256', kid: jwk.kid ?? '' }
  await jwks.keysFor(header)
  for (let i = 0; i < 3; i++) {
    clock.now += 300_001
    await jwks.freshen()
  }
  assert.equal(changes, 1, 'the first')
  keys = [jwk, other.jwk]
  clock.now += 300_001
  await jwks.freshen()
  assert.equal(changes, 2)
})
