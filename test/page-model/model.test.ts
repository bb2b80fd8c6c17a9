import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createChatModel } from '../../dashboard/chat/model/model.ts'
import type { ChatModel, Conversation, Keeping } from '../../dashboard/chat/model/types.ts'
import { type CuttingProxy, startProxy } from '../client/proxy.ts'
import { eventually } from '../support/eventually.ts'
import { tokenFor } from '../support/process.ts'
import { startService, type TestService } from '../support/service.ts'

let service: TestService
let proxy: CuttingProxy
before(async () => {
  service = await startService()
  proxy = await startProxy(service.url)
})
after(async () => {
  await proxy.close()
  await service[Symbol.asyncDispose]()
})

function inMemory(): Keeping {
  const values = new Map<string, string>()
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  }
}

function page(sub: string, keeping = inMemory()): ChatModel & Disposable {
  const model = createChatModel({
    url: proxy.url,
    token: () => tokenFor(sub),
    keeping,
    library: { reconnect: { minMs: 10, maxMs: 50 }, onError: (error) => assert.fail(String(error)) },
  })
  return Object.assign(model, { [Symbol.dispose]: () => model.close() })
}

async function opened(model: ChatModel, groupId: string, messageId?: string): Promise<Conversation> {
  model.open(groupId, messageId)
  await eventually('it is open', () => model.current.value?.id === groupId)
  const conversation = model.current.value as Conversation
  await eventually('it is loaded', () => {
    const { isEnd, messages, isLoading } = conversation.timeline.value
    return !isLoading && (isEnd || messages.length > 0)
  })
  return conversation
}

const contents = ({ timeline }: Conversation) => timeline.value.messages.map(({ content }) => content)

const isOnline = (model: ChatModel) =>
  eventually('it is online', () => model.connection.value.state === 'online')

test('what one sends, both show, once', async () => {
  const { group } = await service.group('alice', 'bob')
  using alice = page('alice')
  using bob = page('bob')
  const [mine, theirs] = [await opened(alice, group.id), await opened(bob, group.id)]
  await Promise.all([isOnline(alice), isOnline(bob)])
  const shown: number[] = []
  mine.timeline.listen(({ messages, pending }) => shown.push(messages.length + pending.length))
  mine.send('hello @bob')
  await eventually('both show it', () =>
    [mine, theirs].every((each) => contents(each).join() === 'hello @bob'),
  )
  assert.deepEqual([...new Set(shown)], [0, 1])
  assert.deepEqual(mine.timeline.value.pending, [])
  assert.deepEqual(theirs.timeline.value.messages[0]?.mentions, ['bob'])
})
