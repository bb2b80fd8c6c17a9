import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { exportSPKI, SignJWT, UnsecuredJWT } from 'jose'
import { signToken } from '../../src/auth/sign.ts'
import { createVerifier, type Refusal } from '../../src/auth/token.ts'
import { readConfig } from '../../src/config.ts'
import { ChatError } from '../../src/domain/errors.ts'

const secret = 'the secret that the tests share!!'
const previous = 'the secret of the year before it!'
const at = Date.parse('2026-01-01T00:00:00Z')
const seconds = at / 1_000
const key = (text: string) => new TextEncoder().encode(text)

/** A token of alice that is good for a minute, but for what is given. */
const make = (claims: object = {}, header: object = {}, signedWith = secret) =>
  new SignJWT({ sub: 'alice', exp: seconds + 60, ...claims })
    .setProtectedHeader({ alg: 'HS256', ...header })
    .sign(key(signedWith))

/** Signed by hand: also what jose would refuse to sign. */
function forge(header: object, claims: unknown, hash = 'sha256'): string {
  return forgeText(JSON.stringify(header), JSON.stringify(claims), hash)
}

function forgeText(header: string, claims: string, hash = 'sha256'): string {
  const encoded = [header, claims].map((each) => Buffer.from(each).toString('base64url')).join('.')
  return `${encoded}.${createHmac(hash, secret).update(encoded).digest('base64url')}`
}

function verifierAt(clock: { now: number }, env: Record<string, string> = {}) {
  const refused: Refusal[] = []
  const config = readConfig({ JWT_SECRET: secret, JWT_PREVIOUS_SECRET: previous, ...env })
  const { verify } = createVerifier(config, {
    now: () => clock.now,
    onRefused: (reason) => refused.push(reason),
  })
  return { verify, refused }
}

test('a good token names its user, its scope and its end', async () => {
  const { verify } = verifierAt({ now: at })
  assert.deepEqual(await verify(await make()), {
    userId: 'alice',
    username: 'alice',
    name: null,
    email: null,
    issuedAt: null,
    admin: false,
    expiresAt: at + 65_000,
  })
  for (const scope of ['read chat:admin', ['chat:admin']])
    assert.equal((await verify(await make({ scope }))).admin, true)
  for (const scope of ['chat:administrator', ['read'], { 'chat:admin': true }, 1])
    assert.equal((await verify(await make({ scope }))).admin, false)
})

test('a token says what its user is called, as far as that can be shown', async () => {
  const { verify } = verifierAt({ now: at })
  const said = async (claims: Record<string, unknown>) => {
    const { username, name, email, issuedAt } = await verify(await make(claims))
    return [username, name, email, issuedAt]
  }
  const full = { preferred_username: 'mia', name: 'Mia K.', email: 'mia@example.org', iat: at / 1_000 }
  assert.deepEqual(await said(full), ['mia', 'Mia K.', 'mia@example.org', at])
  assert.deepEqual(await said({ name: ' Mia\u0308 ' }), ['Mi\u00e4', 'Mi\u00e4', null, null])
  assert.deepEqual(await said({ name: 'x'.repeat(300), preferred_username: 'y'.repeat(300) }), [
    'y'.repeat(128),
    'x'.repeat(100),
    null,
    null,
  ])
  for (const bad of [1, null, '', ' ', 'a\u202eb', 'a\nb', '\u200b', { $gt: '' }, ['a']])
    assert.deepEqual(await said({ preferred_username: bad, name: bad, email: bad }), [
      'alice',
      null,
      null,
      null,
    ])
  assert.equal((await said({ email: 'no address' }))[2], null)
})

test('the previous secret is accepted too', async () => {
  assert.equal((await verifierAt({ now: at }).verify(await make({}, {}, previous))).userId, 'alice')
})

test('issuer and audience are checked when configured', async () => {
  const { verify, refused } = verifierAt({ now: at }, { JWT_ISSUER: 'us', JWT_AUDIENCE: 'chat' })
  assert.equal((await verify(await make({ iss: 'us', aud: ['shop', 'chat'] }))).userId, 'alice')
  for (const claims of [
    { aud: 'chat' },
    { iss: 'them', aud: 'chat' },
    { iss: 'us' },
    { iss: 'us', aud: 'shop' },
  ])
    await assert.rejects(verify(await make(claims)), { code: 'unauthenticated' })
  assert.deepEqual(refused, ['issuer', 'issuer', 'audience', 'audience'])
})

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const good = { sub: 'alice', exp: seconds + 60 }

const bad: Record<string, [token: string | Promise<string>, reason: Refusal]> = {
  'an empty string': ['', 'malformed'],
  'no JWT': ['hello', 'malformed'],
  'three dots': ['...', 'malformed'],
  'alg none': [new UnsecuredJWT(good).encode(), 'algorithm'],
  HS512: [forge({ alg: 'HS512' }, good, 'sha512'), 'algorithm'],
  'no alg': [forge({}, good), 'algorithm'],
  'RS256 without public keys': [forge({ alg: 'RS256' }, good), 'algorithm'],
  'a public key as the secret': [exportSPKI(publicKey).then((pem) => make({}, {}, pem)), 'signature'],
  'another secret': [make({}, {}, 'some other secret, of 32 bytes...'), 'signature'],
  'a changed payload': [
    make().then((token) =>
      token.replace(
        /\.[^.]+\./,
        `.${Buffer.from(JSON.stringify({ ...good, sub: 'bob' })).toString('base64url')}.`,
      ),
    ),
    'signature',
  ],
  'a cut signature': [make().then((token) => token.slice(0, -4)), 'signature'],
  'a key inside the token': [
    make(
      {},
      { jwk: { kty: 'oct', k: 'AAAA' }, jku: 'http://127.0.0.1:1/keys', x5u: 'http://127.0.0.1:1/' },
      'x'.repeat(32),
    ),
    'signature',
  ],
  crit: [forge({ alg: 'HS256', crit: ['b64'], b64: true }, good), 'critical'],
  'no exp': [make({ exp: undefined }), 'no_expiry'],
  'exp as a string': [forge({ alg: 'HS256' }, { sub: 'alice', exp: `${seconds + 60}` }), 'claims'],
  'an infinite exp': [forgeText('{"alg":"HS256"}', '{"sub":"alice","exp":1e999}'), 'claims'],
  expired: [make({ exp: seconds - 5 }), 'expired'],
  'not yet valid': [make({ nbf: seconds + 6 }), 'not_yet_valid'],
  'no sub': [make({ sub: undefined }), 'subject'],
  'an object as sub': [forge({ alg: 'HS256' }, { ...good, sub: { $gt: '' } }), 'subject'],
  'a number as sub': [forge({ alg: 'HS256' }, { ...good, sub: 7 }), 'subject'],
  'an empty sub': [make({ sub: '' }), 'subject'],
  'a sub of 129 characters': [make({ sub: 'x'.repeat(129) }), 'subject'],
  'a lone surrogate in sub': [forge({ alg: 'HS256' }, { ...good, sub: 'a\ud800' }), 'subject'],
  'a line break in sub': [make({ sub: 'alice\nbob' }), 'subject'],
  'an array as payload': [forge({ alg: 'HS256' }, [good]), 'malformed'],
  'more than 8 KiB': [make({ padding: 'x'.repeat(8_192) }), 'too_long'],
}

for (const [what, [token, reason]] of Object.entries(bad))
  test(`${what} is refused as ${reason}`, async () => {
    const { verify, refused } = verifierAt({ now: at })
    await assert.rejects(verify(await token), (error) => {
      assert.ok(error instanceof ChatError)
      assert.equal(error.code, 'unauthenticated')
      assert.match(error.message, /\btoken\b.*\.$/)
      return true
    })
    assert.deepEqual(refused, [reason])
  })

test('the signature is checked before the claims, so a forger learns nothing about them', async () => {
  const { verify, refused } = verifierAt({ now: at })
  await assert.rejects(verify(await make({ exp: 1 }, {}, 'some other secret, of 32 bytes...')))
  assert.deepEqual(refused, ['signature'])
})

test('clocks may differ by 5 s', async () => {
  const { verify } = verifierAt({ now: at })
  await verify(await make({ exp: seconds - 4 }))
  await verify(await make({ nbf: seconds + 5 }))
})

test('128 characters may take more than 128 code units', async () => {
  const sub = '🙂'.repeat(128)
  assert.equal((await verifierAt({ now: at }).verify(await make({ sub }))).userId, sub)
})

test('a token seen before is still refused once it has expired', async () => {
  const clock = { now: at }
  const { verify, refused } = verifierAt(clock)
  const token = await make()
  const { expiresAt } = await verify(token)
  clock.now = expiresAt - 1
  await verify(token)
  clock.now = expiresAt
  await assert.rejects(verify(token), { code: 'unauthenticated' })
  assert.deepEqual(refused, ['expired'])
})

test('a token seen before costs a look-up', async () => {
  const { verify } = verifierAt({ now: at })
  const token = await make()
  assert.equal(await verify(token), await verify(token), 'the very same claims')
})

test('what signToken makes is accepted, with issuer and audience', async () => {
  const { verify } = verifierAt({ now: Date.now() }, { JWT_ISSUER: 'us', JWT_AUDIENCE: 'chat' })
  const token = await signToken(secret, {
    sub: 'carol',
    ttlS: 60,
    scope: 'chat:admin',
    issuer: 'us',
    audience: 'chat',
  })
  const { userId, admin } = await verify(token)
  assert.deepEqual({ userId, admin }, { userId: 'carol', admin: true })
})
