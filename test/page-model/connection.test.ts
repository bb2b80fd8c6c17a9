import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type CuttingProxy, startProxy } from '../client/proxy.ts'
import { eventually } from '../support/eventually.ts'
import { startService, type TestService } from '../support/service.ts'
import { contents, groupIn, inMemory, isOnline, opened, openPage, seqs } from './page.ts'

const maxReplay = 20
let service: TestService
let proxy: CuttingProxy
before(async () => {
  service = await startService({ MAX_REPLAY: String(maxReplay) })
  proxy = await startProxy(service.url)
})
after(async () => {
  await proxy.close()
  await service[Symbol.asyncDispose]()
})

const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1)

function cut(): void {
  proxy.refusing = true
  proxy.cut()
}

test('what is sent and what is told during a cut is there after it, once and in order', async () => {
  const { group, owner } = await service.group('ann', 'ben')
  await owner.send(group.id, 'before')
  using ben = openPage(proxy.url, 'ben')
  const conversation = await opened(ben, group.id)
  await isOnline(ben)
  const states: string[] = []
  ben.connection.listen(({ state }) => states.push(state))
  const shown = new Set<string>()
  conversation.timeline.listen(({ messages, pending }) => {
    const own = [...messages.filter(({ sender_id }) => sender_id === 'ben'), ...pending]
    shown.add(own.map(({ content }) => content).join())
  })
  cut()
  await eventually('it is away', () => ben.connection.value.state === 'reconnecting')
  conversation.send('one')
  conversation.send('two')
  assert.deepEqual(
    conversation.timeline.value.pending.map(({ content, state }) => [content, state]),
    [
      ['one', 'waiting'],
      ['two', 'waiting'],
    ],
  )
  await owner.send(group.id, 'meanwhile')
  proxy.refusing = false
  await eventually('all are there', () => contents(conversation).length === 4)
  assert.deepEqual(contents(conversation), ['before', 'meanwhile', 'one', 'two'])
  assert.deepEqual(conversation.timeline.value.pending, [])
  // Neither was ever missing, nor there twice.
  assert.deepEqual([...shown], ['', 'one', 'one,two'])
  assert.deepEqual(states, ['online', 'reconnecting', 'online'])
})

test('a reload in mid-send loses nothing, and sends nothing twice', async () => {
  const { group, owner } = await service.group('ann', 'ben')
  const keeping = inMemory()
  const before = openPage(proxy.url, 'ben', { keeping })
  const conversation = await opened(before, group.id)
  await isOnline(before)
  // The second one reaches the service, and its answer is lost.
  conversation.send('one')
  await eventually('it is there', () => contents(conversation).length === 1)
  before.drafts.set(group.id, 'a draft')
  conversation.send('two')
  cut()
  conversation.send('three')
  before.close()
  const isKept = () => /two.*three/.test(keeping.getItem(`chat-api.outbox ${proxy.url}/api/chat`) ?? '')
  await eventually('both are kept', isKept)
  using again = openPage(proxy.url, 'ben', { keeping })
  proxy.refusing = false
  const reopened = await opened(again, group.id)
  await eventually('all are there', () => contents(reopened).length === 3)
  assert.deepEqual(contents(reopened), ['one', 'two', 'three'])
  await eventually('nothing waits', () => again.chat.pending.length === 0)
  assert.deepEqual(reopened.timeline.value.pending, [])
  assert.equal(again.drafts.get(group.id), 'a draft')
  assert.deepEqual(
    (await owner.history(group.id)).map(({ content }) => content),
    ['one', 'two', 'three'],
  )
})

test('a message that calls somebody who has left meanwhile is sent all the same, and calls nobody', async () => {
  const { group, owner } = await service.group('ann', 'ben', 'cid')
  using ben = openPage(proxy.url, 'ben')
  const conversation = await opened(ben, group.id)
  await isOnline(ben)
  await eventually('cid is known', () => conversation.people.value.isWhole)
  cut()
  await eventually('it is away', () => ben.connection.value.state !== 'online')
  await owner.call('DELETE', `/groups/${group.id}/members/cid`)
  conversation.send('hello @cid')
  assert.deepEqual(conversation.timeline.value.pending[0]?.options.mentions, ['cid'])
  proxy.refusing = false
  await eventually('it is there', () => contents(conversation).length === 1)
  assert.deepEqual(conversation.timeline.value.messages[0]?.mentions, [])
  assert.deepEqual([ben.chat.pending, ben.problems.value], [[], []])
})

test('when more was missed than is told, the newest page is fetched', async () => {
  const { group, owner } = await service.group('ann', 'ben')
  await owner.send(group.id, 'm1')
  using ben = openPage(proxy.url, 'ben')
  const conversation = await opened(ben, group.id)
  await isOnline(ben)
  cut()
  await eventually('it is away', () => ben.connection.value.state !== 'online')
  for (let i = 2; i <= maxReplay + 10; i++) await owner.send(group.id, `m${i}`)
  proxy.refusing = false
  await eventually('all are there', () => seqs(conversation).length === maxReplay + 10)
  assert.deepEqual(seqs(conversation), upTo(maxReplay + 10))
  await eventually('they are counted', () => groupIn(ben, group.id)?.unread_count === maxReplay + 10)
})

test('whoever reads old messages while much was missed stays with them', async () => {
  const { group, owner } = await service.group('ann', 'ben')
  for (let i = 1; i <= 100; i++) await owner.send(group.id, `m${i}`)
  const [first] = await owner.history(group.id)
  using ben = openPage(proxy.url, 'ben')
  const conversation = await opened(ben, group.id, first?.id)
  await isOnline(ben)
  const before = seqs(conversation)
  assert.ok(before.includes(1) && !before.includes(100))
  cut()
  await eventually('it is away', () => ben.connection.value.state !== 'online')
  await owner.call('PUT', `/messages/${first?.id}`, { body: { content: 'edited' } })
  for (let i = 1; i <= maxReplay + 10; i++) await owner.send(group.id, 'more')
  proxy.refusing = false
  await eventually('the edit is shown', () => contents(conversation)[0] === 'edited')
  assert.equal(conversation.timeline.value.isEnd, false)
})

test('nothing is missed between the first page and the first connection', async () => {
  const { group, owner } = await service.group('ann', 'ben')
  await owner.send(group.id, 'm1')
  let letIn = (): void => undefined
  const waiting = new Promise<void>((resolve) => {
    letIn = resolve
  })
  // A socket that is opened late: the page is read, and something said, long before.
  class LateSocket {
    onmessage: ((event: unknown) => void) | null = null
    onclose: ((event: unknown) => void) | null = null
    onerror: ((event: unknown) => void) | null = null
    readonly #socket: Promise<WebSocket>
    constructor(url: string, protocols?: string[]) {
      this.#socket = waiting.then(() => {
        const socket = new WebSocket(url, protocols)
        socket.onmessage = (event) => this.onmessage?.(event)
        socket.onclose = (event) => this.onclose?.(event)
        return socket
      })
    }
    send(text: string): void {
      void this.#socket.then((socket) => socket.send(text))
    }
    close(code?: number): void {
      void this.#socket.then((socket) => socket.close(code))
    }
  }
  using ben = openPage(service.url, 'ben', { library: { WebSocket: LateSocket } })
  const conversation = await opened(ben, group.id)
  assert.deepEqual(contents(conversation), ['m1'])
  await owner.send(group.id, 'm2')
  letIn()
  await isOnline(ben)
  await owner.send(group.id, 'm3')
  await eventually('all are there', () => seqs(conversation).length === 3)
  assert.deepEqual(contents(conversation), ['m1', 'm2', 'm3'])
  await eventually('they are counted', () => groupIn(ben, group.id)?.unread_count === 3)
})

test('what is told while a page is fetched is neither lost nor overwritten by it', async () => {
  const { group, owner } = await service.group('ann', 'ben')
  for (let i = 1; i <= 120; i++) await owner.send(group.id, `m${i}`)
  const [first] = await owner.history(group.id)
  assert.ok(first)
  let hold: (() => void) | undefined
  using ann = openPage(service.url, 'ann', {
    library: {
      async fetch(url, init) {
        const answer = await fetch(url, init)
        if (url.includes('before=')) await new Promise<void>((resolve) => (hold = resolve))
        return answer
      },
    },
  })
  await isOnline(ann)
  const conversation = await opened(ann, group.id)
  const loading = conversation.loadOlder()
  await eventually('the page is read', () => hold !== undefined)
  await owner.call('PUT', `/messages/${first.id}`, { body: { content: 'edited' } })
  await owner.send(group.id, 'm121')
  await eventually('the new one is there', () => seqs(conversation).at(-1) === 121)
  hold?.()
  await loading
  assert.deepEqual(seqs(conversation), upTo(121))
  assert.equal(contents(conversation)[0], 'edited')
})

test('a draft is right in the other tab, and goes when it is empty', async () => {
  const keeping = inMemory()
  const browser = new EventTarget()
  const changed = (key: string) => browser.dispatchEvent(Object.assign(new Event('storage'), { key }))
  using one = openPage(service.url, 'ann', { keeping })
  using other = openPage(service.url, 'ann', { keeping, browser: browser as never })
  one.drafts.set('g1', 'hello')
  other.drafts.set('g2', 'there')
  changed('chat-api.of ann drafts')
  assert.deepEqual([other.drafts.get('g1'), other.drafts.get('g2')], ['hello', 'there'])
  one.drafts.set('g1', ' ')
  changed('chat-api.of ann drafts')
  assert.deepEqual([...other.drafts.groupIds.value], ['g2'])
})

test('a cut of some seconds, and a browser without a network, are offline', async () => {
  const navigator = { onLine: true }
  const browser = Object.assign(new EventTarget(), { navigator })
  using ben = openPage(proxy.url, 'ben', { browser: browser as never })
  await isOnline(ben)
  navigator.onLine = false
  browser.dispatchEvent(new Event('offline'))
  assert.equal(ben.connection.value.state, 'offline')
  navigator.onLine = true
  browser.dispatchEvent(new Event('online'))
  assert.equal(ben.connection.value.state, 'online')
  cut()
  await eventually('it tries again', () => ben.connection.value.state === 'reconnecting')
  await eventually('it is offline', () => ben.connection.value.state === 'offline')
  proxy.refusing = false
  await isOnline(ben)
})

test('a refused token is the end, and says why', async () => {
  let why: string | undefined
  using nobody = openPage(service.url, 'nobody', {
    token: 'no token',
    onClosed(closed) {
      why = closed?.reason
    },
  })
  await eventually('it is closed', () => nobody.connection.value.state === 'closed')
  assert.equal(why, 'unauthenticated')
  const { value } = nobody.connection
  assert.equal(value.state === 'closed' && value.closed?.code, 401)
})
