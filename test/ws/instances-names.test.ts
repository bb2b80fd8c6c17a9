import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { MessageView } from '../../src/domain/message.ts'
import type { OwnProfileView, ProfileView } from '../../src/domain/profile.ts'
import { mongoMissing } from '../mongo/server.ts'
import { createApi } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { type TestClaims, tokenFor } from '../support/process.ts'
import { newDatabaseEnv, startService, type TestService } from '../support/service.ts'

describe('names on two instances on one MongoDB', { skip: (await mongoMissing()) ?? false }, () => {
  let one: TestService
  let two: TestService
  before(async () => {
    const env = await newDatabaseEnv()
    one = await startService(env)
    two = await startService(env)
  })
  after(() => Promise.all([one, two].map((service) => service[Symbol.asyncDispose]())))

  const api = async ({ base }: TestService, sub: string, claims: TestClaims = {}) =>
    createApi(base, { token: await tokenFor(sub, claims) })
  const own = async (service: TestService, sub: string, claims: TestClaims = {}) =>
    (await (await api(service, sub, claims)).call<OwnProfileView>('GET', '/users/me')).body
  const kim = { username: 'kim', name: 'Kim P.' }
  const named = { user_id: 'sub-kim', username: 'kim', display_name: 'Kim P.' }
  const has = (value: unknown) => {
    const { user_id, username, display_name } = value as typeof named
    assert.deepEqual({ user_id, username, display_name }, named)
  }

  test('somebody whom the other instance has never seen is called by name from the first event on', async () => {
    const { group, path } = await one.group('owner', 'sub-kim')
    const listener = await two.socket('owner', path)
    await listener.next('connected')
    const token = await tokenFor('sub-kim', kim)
    const socket = await one.socket('', path, { token })
    await socket.next('connected')
    has(await listener.next('user_joined'))
    socket.send({ type: 'typing' })
    has(await listener.next('typing'))
    socket.send({ type: 'message', content: 'hello' })
    const { sender } = (await listener.next('new_message')).message as MessageView
    assert.deepEqual([sender.username, sender.display_name], ['kim', 'Kim P.'])
    await socket.close()
    has(await listener.next('user_left'))
    const page = await (await api(two, 'owner')).call<{ messages: MessageView[] }>(
      'GET',
      `/groups/${group.id}/messages`,
    )
    assert.equal(page.body.messages[0]?.sender.display_name, 'Kim P.')
  })

  test('a new name shows on the other instance within five seconds', async () => {
    await own(one, 'sub-new', { name: 'First' })
    const { owner, group } = await one.group('owner', 'sub-new')
    await (await api(one, 'sub-new', { name: 'First' })).send(group.id, 'hello')
    const elsewhere = await api(two, 'owner')
    const shown = async () => {
      const page = await elsewhere.call<{ messages: MessageView[] }>('GET', `/groups/${group.id}/messages`)
      return page.body.messages[0]?.sender.display_name
    }
    assert.equal(await shown(), 'First')
    await own(one, 'sub-new', { name: 'Second' })
    await eventually('the new name', async () => (await shown()) === 'Second', 5_000)
    assert.equal((await owner.call<ProfileView>('GET', '/users/sub-new')).body.display_name, 'Second')
  })

  test('a name and a number are given once, however many come at once to both', async () => {
    const profiles = await Promise.all(
      Array.from({ length: 20 }, (_, n) => own(n % 2 ? one : two, `sub-tom-${n}`, { username: 'tom' })),
    )
    assert.equal(new Set(profiles.map(({ number }) => number)).size, 20)
    assert.equal(new Set(profiles.map(({ username }) => username)).size, 20)
    assert.equal(profiles.filter(({ username }) => username === 'tom').length, 1)
    // One user who comes to both has one profile.
    const both = await Promise.all([own(one, 'sub-both'), own(two, 'sub-both')])
    assert.deepEqual(
      both.map(({ number }) => number),
      [both[0]?.number, both[0]?.number],
    )
  })

  test('who is blocked on one instance is so at once on the other', async () => {
    const [ann, bob] = [await api(one, 'ann'), await api(two, 'bob')]
    const chat = (await ann.call<{ id: string }>('POST', '/direct', { body: { user_id: 'bob' } })).body
    await bob.send(chat.id, 'hi')
    assert.equal((await ann.call('PUT', '/users/me/blocks/bob')).status, 200)
    const refused = await bob.call('POST', `/groups/${chat.id}/messages`, { body: { content: 'hi' } })
    assert.deepEqual([refused.status, refused.body.code], [403, 'blocked'])
  })
})
