import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import type { GroupView } from '../../src/domain/group.ts'
import { mongoMissing } from '../mongo/server.ts'
import { eventually } from '../support/eventually.ts'
import { newDatabaseEnv, startService, type TestService } from '../support/service.ts'

describe('direct chats on two instances', { skip: (await mongoMissing()) ?? false }, () => {
  let one: TestService
  let two: TestService
  before(async () => {
    const env = await newDatabaseEnv()
    ;[one, two] = await Promise.all([startService(env), startService(env)])
  })
  after(() => Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()]))

  const pair = () => {
    const id = randomUUID()
    return { ann: `ann-${id}`, bob: `bob-${id}` }
  }
  const open = async (service: TestService, as: string, userId: string) =>
    (await service.api(as)).call<GroupView>('POST', '/direct', { body: { user_id: userId } })
  const listed = async (service: TestService, as: string) => {
    const { body } = await (await service.api(as)).call<{ groups: GroupView[] }>('GET', '/groups')
    return body.groups.map(({ id }) => id)
  }
  const leave = async (service: TestService, as: string, id: string) =>
    (await (await service.api(as)).call('DELETE', `/groups/${id}/members/${as}`)).status

  test('both who ask at once on two instances get one chat', async () => {
    for (let i = 0; i < 5; i++) {
      const { ann, bob } = pair()
      const asked = await Promise.all([open(one, ann, bob), open(two, bob, ann), open(two, ann, bob)])
      assert.equal(new Set(asked.map(({ body }) => body.id)).size, 1)
      assert.deepEqual(asked.map(({ status }) => status).sort(), [200, 200, 201])
    }
  })

  test('who hides it hears it nowhere, and everywhere again with the next message', async () => {
    const { ann, bob } = pair()
    const { id } = (await open(one, ann, bob)).body
    const [here, there] = [await one.socket(ann, '/ws'), await two.socket(ann, '/ws')]
    const only = await two.socket(ann, `/ws/${id}`)
    await Promise.all([here, there, only].map((socket) => socket.next('connected')))
    assert.equal(await leave(one, ann, id), 204)
    for (const socket of [here, there]) assert.equal((await socket.next('unsubscribed')).code, 4500)
    assert.equal((await only.closed).code, 4500)
    assert.deepEqual(await listed(two, ann), [])

    await (await two.api(bob)).send(id, 'are you there?')
    for (const socket of [here, there]) {
      assert.equal(((await socket.next('group_added')).group as GroupView).id, id)
      await socket.next('subscribed')
      // The socket goes on from where it stood, so it misses nothing.
      await socket.next((frame) => isOf(frame, 'are you there?'))
    }
    for (const service of [one, two]) assert.deepEqual(await listed(service, ann), [id])
    await (await one.api(bob)).send(id, 'yes?')
    for (const socket of [here, there])
      await socket.next((frame) => (frame.message as { content?: string } | undefined)?.content === 'yes?')
  })

  test('a message that comes while it is being hidden brings it back', async () => {
    const { ann, bob } = pair()
    const { id } = (await open(one, ann, bob)).body
    const socket = await one.socket(ann, '/ws')
    await socket.next('connected')
    const bobs = await two.api(bob)
    for (let i = 0; i < 8; i++) {
      await Promise.all([leave(one, ann, id), bobs.send(id, `${i}`)])
      // Whichever was first: the next one reaches the list and the socket.
      await bobs.send(id, `after ${i}`)
      assert.deepEqual(await listed(i % 2 ? one : two, ann), [id])
    }
    // It is subscribed in the end, so it hears what is sent from now on.
    await eventually('a message is heard', async () => {
      await bobs.send(id, 'probe')
      return socket.frames.some((frame) => isOf(frame, 'probe'))
    })
  })
})

const contentOf = (frame: Record<string, unknown>) =>
  (frame.message as { content?: string } | undefined)?.content
const isOf = (frame: Record<string, unknown>, content: string) => contentOf(frame) === content
