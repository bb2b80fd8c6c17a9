import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createApi } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { type Browser, type PushService, startPushService } from '../support/push-service.ts'
import { type Rest, startRest } from '../support/rest.ts'
import { startService } from '../support/service.ts'

const env = { PUSH_CONTACT: 'mailto:ops@example.com', PUSH_PRIVATE_ENDPOINTS: 'true' }

let pushService: PushService
let rest: Rest
before(async () => {
  pushService = await startPushService()
  rest = await startRest(env)
})
after(async () => {
  await rest?.close()
  await pushService?.[Symbol.asyncDispose]()
})

const put = (as: string, { subscription }: Browser) =>
  rest.call('PUT', '/push/subscriptions', { as, body: subscription })

/** A browser of this user, who is in no other test. */
async function browserOf(userId: string): Promise<Browser> {
  const browser = pushService.browser()
  assert.equal((await put(userId, browser)).status, 204)
  return browser
}

const direct = async (as: string, user_id: string) => {
  const { body } = await rest.call<{ id: string }>('POST', '/direct', { as, body: { user_id } })
  return body.id
}

test('who is away is told of a direct message: encrypted for their browser alone, signed, urgent, with how many are unread', async () => {
  const browser = await browserOf('bea')
  const chat = await direct('ann', 'bea')
  await rest.send(chat, 'hello', { as: 'ann' })
  await browser.hears(1)
  await rest.send(chat, 'x'.repeat(200), { as: 'ann' })
  await browser.hears(2)
  const [first, second] = browser.pushed
  assert.deepEqual(first?.payload, {
    group_id: chat,
    group: null,
    sender: 'ann',
    content: 'hello',
    url: `/chat-ui#group=${chat}`,
    unread: 1,
  })
  assert.equal([...String(second?.payload.content)].length, 140)
  assert.equal(second?.payload.unread, 2)
  assert.partialDeepStrictEqual(first?.headers, {
    'content-encoding': 'aes128gcm',
    urgency: 'high',
    topic: chat,
    ttl: '86400',
  })
  assert.equal(first?.token.sub, env.PUSH_CONTACT)
  const { body } = await rest.call('GET', '/push/key', { as: 'bea' })
  assert.equal(first?.key, body.public_key)
})

test('each member is told what they want to be told, and nobody who is there, has read it, or said it', async () => {
  const users = ['cal', 'dee', 'eli', 'fay', 'gus', 'hal']
  const browsers = new Map<string, Browser>()
  for (const user of users) browsers.set(user, await browserOf(user))
  const { id } = await rest.group(...users)
  const [, , , fay] = [0, 0, 0, await rest.service.socket('fay', `/ws/${id}`)]
  for (const [user, notify] of [
    ['dee', 'all'],
    ['gus', 'none'],
    ['fay', 'all'],
  ] as const)
    await rest.call('PATCH', `/groups/${id}/me`, { as: user, body: { notify } })
  await rest.call('POST', `/groups/${id}/messages`, {
    as: 'cal',
    body: { content: 'lunch?', mentions: ['eli', 'gus', 'fay'] },
  })
  await browsers.get('dee')?.hears(1)
  await browsers.get('eli')?.hears(1)
  assert.equal(browsers.get('eli')?.pushed[0]?.headers.urgency, 'high')
  assert.equal(browsers.get('dee')?.pushed[0]?.headers.urgency, 'normal')
  // What comes after it shows that all of the first message is told.
  await rest.call('POST', `/groups/${id}/messages`, {
    as: 'cal',
    body: { content: 'now', mentions: ['hal'] },
  })
  await browsers.get('hal')?.hears(1)
  await browsers.get('dee')?.hears(2)
  const told = users.map((user) => browsers.get(user)?.pushed.length)
  assert.deepEqual(told, [0, 2, 1, 0, 0, 1])
  await fay.close()
})

test('a subscription that its push service does not know any more ends', async () => {
  const browser = await browserOf('ivy')
  const chat = await direct('ann', 'ivy')
  for (const status of [404, 410]) {
    await put('ivy', browser)
    pushService.answer = (response) => response.writeHead(status).end()
    const before = browser.pushed.length
    await rest.send(chat, 'gone', { as: 'ann' })
    await browser.hears(before + 1)
    const body = { endpoint: browser.subscription.endpoint }
    await eventually('it has ended', async () => {
      const answer = await rest.call('DELETE', '/push/subscriptions', { as: 'ivy', body })
      if (answer.status === 204) await put('ivy', browser)
      return answer.status === 404
    })
  }
  pushService.answer = (response) => response.writeHead(201).end()
})

test('what is refused for now is tried again after 5 s or when the service says, the newest of a group alone, and nothing that was read meanwhile', async () => {
  const [jan, kim] = [await browserOf('jan'), await browserOf('kim')]
  const [ofJan, ofKim] = [await direct('ann', 'jan'), await direct('ann', 'kim')]
  pushService.answer = (response) => response.writeHead(503, { 'retry-after': '60' }).end()
  for (const content of ['one', 'two']) await rest.send(ofJan, content, { as: 'ann' })
  await rest.send(ofKim, 'one', { as: 'ann' })
  await jan.hears(2)
  await kim.hears(1)
  const later = async () => {
    const metrics = await (await fetch(`${rest.service.url}/metrics`)).text()
    return Number(/^chat_push_attempts_total\{outcome="later"\} (\d+)$/m.exec(metrics)?.[1] ?? 0)
  }
  await eventually('they wait', async () => (await later()) === 3)
  await rest.call('PUT', `/groups/${ofKim}/read`, { as: 'kim', body: { seq: 1 } })
  pushService.answer = (response) => response.writeHead(201).end()
  rest.service.advance(6_000)
  const probe = await browserOf('lea')
  await rest.send(await direct('ann', 'lea'), 'probe', { as: 'ann' })
  await probe.hears(1)
  assert.equal(jan.pushed.length, 2, 'the push service has asked for more time')
  rest.service.advance(60_000)
  await jan.hears(3)
  assert.deepEqual(
    jan.pushed.map(({ payload }) => payload.content),
    ['one', 'two', 'two'],
  )
  assert.equal(kim.pushed.length, 1)
})

test('an endpoint belongs to who put it last, a user has twenty at most, and what is no subscription is refused', async () => {
  const browser = await browserOf('mia')
  assert.equal((await put('ned', browser)).status, 204)
  const body = { endpoint: browser.subscription.endpoint }
  assert.equal((await rest.call('DELETE', '/push/subscriptions', { as: 'mia', body })).status, 404)
  assert.equal((await rest.call('DELETE', '/push/subscriptions', { as: 'ned', body })).status, 204)
  for (let n = 0; n < 20; n++) await browserOf('oli')
  const over = await put('oli', pushService.browser())
  assert.deepEqual([over.status, over.body.code], [409, 'limit_reached'])
  const { subscription } = pushService.browser()
  for (const wrong of [
    { ...subscription, endpoint: 'no url' },
    { ...subscription, keys: { ...subscription.keys, auth: 'short' } },
    { ...subscription, keys: { ...subscription.keys, p256dh: 'A'.repeat(87) } },
    { endpoint: subscription.endpoint },
  ])
    assert.equal((await rest.call('PUT', '/push/subscriptions', { as: 'mia', body: wrong })).status, 422)
})

test('a subscription ends with the session that put it', async () => {
  await using service = await startService({ ...env, ACCOUNTS: 'true' })
  const root = createApi(service.url).call
  const account = { username: 'pia', password: 'a long enough one' }
  const { body } = await root<{ access_token: string; user: { id: string } }>('POST', '/api/auth/register', {
    body: account,
  })
  const pia = createApi(service.base, { token: body.access_token })
  const browser = pushService.browser()
  assert.equal((await pia.call('PUT', '/push/subscriptions', { body: browser.subscription })).status, 204)
  const ann = await service.api('ann')
  const { body: chat } = await ann.call<{ id: string }>('POST', '/direct', {
    body: { user_id: body.user.id },
  })
  await ann.send(chat.id, 'still there?')
  await browser.hears(1)
  const headers = { authorization: `Bearer ${body.access_token}` }
  assert.equal((await root('POST', '/api/auth/logout', { headers })).status, 200)
  const other = pushService.browser()
  await ann.call('PUT', '/push/subscriptions', { as: 'quinn', body: other.subscription })
  await ann.send(chat.id, 'gone?')
  const { body: second } = await ann.call<{ id: string }>('POST', '/direct', { body: { user_id: 'quinn' } })
  await ann.send(second.id, 'after it')
  await other.hears(1)
  assert.equal(browser.pushed.length, 1)
})

test('unless a test asks for it, only public https endpoints are taken; without a contact there is no push', async () => {
  await using strict = await startService({
    PUSH_CONTACT: 'https://example.com/contact',
    PUSH_CONTENT: 'off',
  })
  const ann = await strict.api('ann')
  const { subscription } = pushService.browser()
  const status = async (endpoint: string) => {
    const answer = await ann.call('PUT', '/push/subscriptions', { body: { ...subscription, endpoint } })
    return answer.status
  }
  for (const endpoint of [
    subscription.endpoint,
    'http://push.example.com/1',
    'https://127.0.0.1/1',
    'https://[::1]/1',
    'https://10.0.0.1/1',
    'https://localhost/1',
    'https://user:password@push.example.com/1',
  ])
    assert.equal(await status(endpoint), 422, endpoint)
  assert.equal(await status('https://push.example.com/1'), 204)
  await using off = await startService()
  assert.equal((await (await off.api('ann')).call('GET', '/push/key')).status, 404)
})
