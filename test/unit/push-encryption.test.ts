import assert from 'node:assert/strict'
import { createECDH } from 'node:crypto'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { encrypt, mostPlainBytes } from '../../src/consumers/push/encryption.ts'
import { payloadOf } from '../../src/consumers/push/payload.ts'
import { createVapid, newVapidKey } from '../../src/consumers/push/vapid.ts'
import { newId } from '../support/samples.ts'

const webPush: { generateVAPIDKeys(): { publicKey: string; privateKey: string } } = createRequire(
  import.meta.url,
)('web-push')

test('the example of RFC 8291, section 5, is encrypted as it stands there', () => {
  const sender = createECDH('prime256v1')
  sender.setPrivateKey(Buffer.from('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw', 'base64url'))
  const salt = Buffer.from('DGv6ra1nlYgDCS1FRnbzlw', 'base64url')
  const receiver = {
    p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
    auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  }
  const plain = Buffer.from('When I grow up, I want to be a watermelon')
  assert.equal(
    encrypt(plain, receiver, { salt, sender }).toString('base64url'),
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_y' +
      'l95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
  )
})

test('the keys that web-push makes are taken as they are, and those that are made here are keys', async () => {
  for (const { publicKey, privateKey } of Array.from({ length: 20 }, webPush.generateVAPIDKeys)) {
    const vapid = await createVapid(privateKey.padStart(43, 'A'), 'mailto:ops@example.com', Date.now)
    assert.equal(vapid.publicKey, publicKey)
  }
  const vapid = await createVapid(newVapidKey(), 'mailto:ops@example.com', Date.now)
  const first = await vapid.authorization('https://push.example.com')
  assert.equal(await vapid.authorization('https://push.example.com'), first)
  assert.notEqual(await vapid.authorization('https://other.example.com'), first)
  await assert.rejects(createVapid('A'.repeat(43), 'mailto:ops@example.com', Date.now), /no private key/)
})

test('a payload fits whatever is said, by characters and not by halves of them', () => {
  const group = { id: newId(), name: '\u{1F469}'.repeat(100) }
  const personOf = () => ({
    id: 'ann',
    username: 'ann',
    display_name: '\u{1F469}'.repeat(100),
    avatar_url: null,
  })
  const about = { unread: 1, personOf, withContent: true }
  const payload = payloadOf(group, { senderId: 'ann', content: '\u{1F469}'.repeat(10_000) }, about)
  assert.ok(payload.length <= mostPlainBytes, `${payload.length} bytes`)
  const { content } = JSON.parse(payload.toString())
  assert.equal([...content].length, 140)
  assert.equal(content.isWellFormed(), true)
  const short = payloadOf(group, { senderId: 'ann', content: 'x'.repeat(140) }, about)
  assert.equal(JSON.parse(short.toString()).content, 'x'.repeat(140))
})
