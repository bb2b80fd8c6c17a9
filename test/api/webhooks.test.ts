import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { type Received, type Receiver, startReceiver } from '../support/receiver.ts'
import { startService, type TestService } from '../support/service.ts'

let receiver: Receiver
let service: TestService
before(async () => {
  receiver = await startReceiver()
  service = await startService(receiver.env)
})
after(async () => {
  await service?.[Symbol.asyncDispose]()
  await receiver?.[Symbol.asyncDispose]()
})

/** A group of these users, of which nothing else is told any more. */
async function told(owner: string, ...others: string[]) {
  const made = await service.group(owner, ...others)
  return { ...made, send: (content: string, more: object = {}) => send(made, content, more) }
}

async function send(
  { owner, group }: Awaited<ReturnType<TestService['group']>>,
  content: string,
  more: object,
) {
  const { status, body } = await owner.call('POST', `/groups/${group.id}/messages`, {
    body: { content, ...more },
  })
  assert.equal(status, 201)
  return body as unknown as { id: string }
}

/** Resolves when so many more attempts than now have failed, and are kept as such. */
async function refusals(more: number, meanwhile: () => Promise<unknown>): Promise<void> {
  const failed = async () => {
    const metrics = await (await fetch(`${service.url}/metrics`)).text()
    return [...metrics.matchAll(/^chat_webhook_attempts_total\{.*outcome="failed"\} (\d+)$/gm)].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    )
  }
  const before = await failed()
  await meanwhile()
  await eventually(`${more} are refused`, async () => (await failed()) >= before + more)
}

const types = (group: { id: string }) => receiver.of(group).map(({ type }) => type)

test('a receiver is told what happens, signed, each event once and in order, in the words of the core', async () => {
  const { owner, group, path, send } = await told('alice', 'bob', 'carl')
  const bob = await service.socket('bob', path)
  const message = await send('hello', { mentions: ['carl'] })
  const event = await bob.next('new_message')
  await receiver.hears(group, 'mention')
  await owner.call('PATCH', `/groups/${group.id}`, { body: { name: 'unwanted' } })
  await owner.call('POST', `/groups/${group.id}/members`, { body: { user_id: 'dora' } })
  await owner.call('DELETE', `/groups/${group.id}/members/dora`)
  await receiver.hears(group, 'member_removed')
  await owner.call('DELETE', `/groups/${group.id}`)
  await receiver.hears(group, 'group_deleted')

  const [first, mention, added, removed, deleted] = receiver.of(group) as [Received, ...Received[]]
  assert.deepEqual(types(group), [
    'new_message',
    'mention',
    'member_added',
    'member_removed',
    'group_deleted',
  ])
  const about = first.data.message
  assert.deepEqual(first.data, { ...event, offline_user_ids: ['carl'] })
  assert.equal(first.timestamp, about.created_at)
  assert.deepEqual(mention?.data, { type: 'mention', group_id: group.id, message: about })
  assert.equal(mention?.data.message.id, message.id)
  assert.deepEqual([added?.data.user_id, removed?.data.user_id, removed?.data.by], ['dora', 'dora', 'alice'])
  assert.deepEqual(deleted?.data, { type: 'group_deleted', group_id: group.id })
  assert.equal(new Set(receiver.of(group).map(({ id }) => id)).size, 5)
  for (const { id } of receiver.of(group)) assert.match(id, /^[a-z0-9_]+$/)
  await bob.close()
})

test('a group that its last member leaves is told of too', async () => {
  const { owner, group } = await told('alice')
  await owner.call('DELETE', `/groups/${group.id}/members/alice`)
  await receiver.hears(group, 'group_deleted')
})

test('a report is told once, as operators see it', async () => {
  const { group, send } = await told('alice', 'bob')
  const { id } = await send('buy this')
  const bob = await service.api('bob')
  const { status, body } = await bob.call('POST', `/messages/${id}/reports`, { body: { reason: 'spam' } })
  assert.equal(status, 201)
  await bob.call('POST', `/messages/${id}/reports`, { body: { reason: 'spam' } })
  await receiver.hears(group, 'report_created')
  const [hook, ...others] = receiver.of(group).filter(({ type }) => type === 'report_created')
  assert.deepEqual(others, [])
  assert.deepEqual([hook?.data.report.id, hook?.data.report.reporter_id], [body.id, 'bob'])
})

test('what is refused is told again after 5 and 10 seconds, the same and before what came later; other groups wait for nothing', async () => {
  const [bad, good] = [await told('alice', 'bob'), await told('alice', 'bob')]
  let left = 2
  receiver.answer = ({ data }, response) =>
    response.writeHead(data.group_id === bad.group.id && left-- > 0 ? 500 : 200).end()
  await refusals(1, () => bad.send('one', { mentions: ['bob'] }))
  await bad.send('two')
  await good.send('three')
  await receiver.hears(good.group, 1)
  assert.equal(receiver.of(bad.group).length, 1, 'it is too early')
  await refusals(1, async () => service.advance(5_000))
  assert.equal(receiver.of(bad.group).length, 2)
  service.advance(3_000)
  await good.send('four')
  await receiver.hears(good.group, 2)
  assert.equal(receiver.of(bad.group).length, 2, 'the pause has doubled')
  service.advance(7_000)
  await receiver.hears(bad.group, 5)
  const contents = receiver.of(bad.group).map(({ type, data }) => `${type} ${data.message.content}`)
  assert.deepEqual(contents, [...Array(3).fill('new_message one'), 'mention one', 'new_message two'])
  const [once, again, last] = receiver.of(bad.group)
  assert.deepEqual([again, last], [once, once])
  receiver.answer = (_, response) => response.writeHead(204).end()
})

test('a receiver that does not answer, breaks off, redirects or never ends holds up only its own group', async () => {
  await using elsewhere = await startReceiver()
  const ways: ((response: Parameters<Receiver['answer']>[1]) => unknown)[] = [
    () => {},
    (response) => response.destroy(),
    (response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half')
      setImmediate(() => response.destroy())
    },
    (response) => response.writeHead(307, { location: elsewhere.url }).end(),
    (response) => {
      const more = () => !response.destroyed && response.write(Buffer.alloc(1_024), () => setImmediate(more))
      response.writeHead(503)
      more()
    },
  ]
  const groups = await Promise.all(ways.map(() => told('alice', 'bob')))
  const good = await told('alice', 'bob')
  let isMended = false
  receiver.answer = ({ data }, response) => {
    const way = ways[groups.findIndex(({ group }) => group.id === data.group_id)]
    if (way && !isMended) way(response)
    else response.writeHead(204).end()
  }
  // The one that does not answer is refused only after its time.
  await refusals(groups.length - 1, async () => {
    for (const { send } of groups) {
      await send('first')
      await send('second')
    }
  })
  for (const content of ['a', 'b', 'c']) await good.send(content)
  await receiver.hears(good.group, 3)
  assert.equal((await fetch(`${service.url}/readyz`)).status, 200)
  assert.deepEqual(elsewhere.received, [], 'a redirect is not followed')
  isMended = true
  service.advance(5_000)
  for (const { group } of groups.slice(1)) {
    await receiver.hears(group, 3)
    const contents = receiver.of(group).map(({ data }) => data.message.content)
    assert.deepEqual(contents, ['first', 'first', 'second'])
  }
  receiver.answer = (_, response) => response.writeHead(204).end()
})

test('what a day of attempts did not bring is given up, what came after it goes on, and the figures say so', async () => {
  await using own = await startReceiver()
  await using service = await startService(own.env)
  const { owner, group } = await service.group('alice', 'bob')
  own.answer = ({ data }, response) =>
    response.writeHead(data.message?.content === 'poison' ? 400 : 204).end()
  const tells = (line: string) =>
    eventually(`the metrics tell ${line}`, async () => {
      const metrics = await (await fetch(`${service.url}/metrics`)).text()
      return metrics.split('\n').includes(line)
    })
  const attempts = 'chat_webhook_attempts_total{type="new_message",outcome='
  await owner.send(group.id, 'poison')
  await owner.send(group.id, 'fine')
  await tells(`${attempts}"failed"} 1`)
  service.advance(5_000)
  await tells(`${attempts}"failed"} 2`)
  service.advance(86_400_000)
  await own.hears(group, 4)
  assert.deepEqual(
    own.of(group).map(({ data }) => data.message.content),
    ['poison', 'poison', 'poison', 'fine'],
  )
  await tells(`${attempts}"dead"} 1`)
  await tells('chat_webhook_dead_letters 1')
  const data = await fetch(`${service.url}/dashboard/api/data`)
  const { performance } = (await data.json()) as { performance: { webhooks: object } }
  assert.deepEqual(performance.webhooks, { lag_ms: 0, told: 1, refused: 3, waiting: 0, dead: 1 })
})
