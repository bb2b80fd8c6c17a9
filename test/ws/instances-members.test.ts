import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { MongoClient, ObjectId } from 'mongodb'
import { mongoMissing } from '../mongo/server.ts'
import { eventually } from '../support/eventually.ts'
import { newDatabaseEnv, startService, type TestService } from '../support/service.ts'

describe('members on two instances on one MongoDB', { skip: (await mongoMissing()) ?? false }, () => {
  let one: TestService
  let two: TestService
  let client: MongoClient
  let database: string
  before(async () => {
    const env = await newDatabaseEnv()
    database = env.DATABASE_NAME
    one = await startService(env)
    two = await startService(env)
    client = await new MongoClient(env.MONGODB_URL).connect()
  })
  after(async () => {
    await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()])
    await client.close()
  })

  async function openGroup(...others: string[]) {
    const made = await one.group('olga', ...others)
    const { status } = await made.owner.call('PUT', `/groups/${made.group.id}`, {
      body: { visibility: 'open' },
    })
    assert.equal(status, 200)
    return { ...made, id: made.group.id }
  }

  /** All-groups sockets on the other instance, in that group. */
  async function listening(groupId: string, ...users: string[]) {
    const sockets = await Promise.all(users.map((user) => two.socket(user, '/ws')))
    for (const socket of sockets) {
      await socket.next('connected')
      assert.equal((await socket.ask({ type: 'subscribe', group_id: groupId })).type, 'ack')
    }
    return sockets
  }

  test('what one instance wrote is counted by it alone, though the other tells of it', async () => {
    const banned = async ({ url }: TestService) => {
      const text = await (await fetch(`${url}/metrics`)).text()
      return Number(/^chat_changes_total\{type="member_banned"\} (\d+)$/m.exec(text)?.[1] ?? 0)
    }
    const { owner, id } = await openGroup('olaf')
    const [socket] = await listening(id, 'olaf')
    const before = [await banned(one), await banned(two)]
    await owner.call('PUT', `/groups/${id}/bans/mallory`, { body: {} })
    await socket?.next('member_banned')
    assert.deepEqual([await banned(one), await banned(two)], [(before[0] ?? 0) + 1, before[1]])
  })

  test('who is banned on one is out on the other, guest or member, and back when the ban is over', async () => {
    const { owner, id, path } = await openGroup('mia')
    const sockets = await listening(id, 'mia', 'guest')
    const single = await two.socket('guest', path)
    for (const userId of ['mia', 'guest'])
      assert.equal((await owner.call('PUT', `/groups/${id}/bans/${userId}`, { body: {} })).status, 200)
    assert.equal((await single.closed).code, 4500)
    for (const socket of sockets) assert.equal((await socket.next('unsubscribed')).code, 4500)
    const guest = await two.api('guest')
    assert.equal((await guest.call('GET', `/groups/${id}`)).body.code, 'banned')
    for (const userId of ['mia', 'guest']) await owner.call('DELETE', `/groups/${id}/bans/${userId}`)
    for (const socket of sockets) {
      await socket.next('unbanned')
      await socket.next((frame) => frame.type === 'subscribed' && frame !== socket.frames[1])
    }
    await owner.send(id, 'welcome back')
    for (const socket of sockets) await socket.next('new_message')
    await Promise.all(sockets.map((socket) => socket.close()))
  })

  test('a group that becomes private on one has no guests on the other', async () => {
    const { owner, id, path } = await openGroup('mia')
    const [member, guest] = await listening(id, 'mia', 'guest')
    assert.ok(member && guest)
    const single = await two.socket('guest', path)
    await owner.call('PUT', `/groups/${id}`, { body: { visibility: 'private' } })
    await owner.send(id, 'among us')
    assert.equal((await single.closed).code, 4500)
    assert.equal((await guest.next('unsubscribed')).code, 4500)
    await member.next('new_message')
    for (const socket of [single, guest]) assert.ok(!socket.frames.some(({ type }) => type === 'new_message'))
    await Promise.all([member.close(), guest.close()])
  })

  test('who is made a member on one is told so on the other, once', async () => {
    const { owner, id } = await openGroup()
    const inbox = await two.socket('nina', '/ws')
    await inbox.next('connected')
    await owner.call('POST', `/groups/${id}/members`, { body: { user_id: 'nina' } })
    const { group: made } = await one.group('olga', 'nina')
    for (const groupId of [id, made.id]) {
      await inbox.next((frame) => frame.type === 'group_added' && frame.group_id === groupId)
      await inbox.next((frame) => frame.type === 'subscribed' && frame.group_id === groupId)
    }
    await owner.call('PUT', `/groups/${id}`, { body: { name: 'the last' } })
    await inbox.next('group_updated')
    const added = inbox.frames.filter(({ type }) => type === 'group_added')
    assert.deepEqual(new Set(added.map(({ group_id }) => group_id)), new Set([id, made.id]))
    assert.equal(added.length, 2)
    await inbox.close()
  })

  test('who is online is known on every instance, also where nobody hears the group', async () => {
    const { owner, id, path } = await openGroup('mia')
    const socket = await two.socket('mia', path)
    await socket.next('connected')
    const online = async () => {
      const { body } = await owner.call<{ members: { user_id: string; online: boolean }[] }>(
        'GET',
        `/groups/${id}/members`,
      )
      return body.members.filter((member) => member.online).map(({ user_id }) => user_id)
    }
    await eventually('mia is online', async () => (await online()).includes('mia'))
    assert.deepEqual(await online(), ['mia'])
    await socket.close()
  })

  test('one owner who leaves on each of two instances leaves the group one', async () => {
    const { owner, id } = await openGroup('mia', 'mike')
    await owner.call('PATCH', `/groups/${id}/members/mia`, { body: { role: 'owner' } })
    const [mia, olga] = [await two.api('mia'), await one.api('olga')]
    const statuses = await Promise.all([
      olga.call('DELETE', `/groups/${id}/members/olga`),
      mia.call('DELETE', `/groups/${id}/members/mia`),
    ])
    assert.deepEqual(statuses.map(({ status }) => status).sort(), [204, 409])
  })

  test('a ban stands above the list of members, also one that is edited by hand', async () => {
    const { owner, id } = await openGroup('mia')
    await owner.call('PUT', `/groups/${id}/bans/mia`, { body: {} })
    await client
      .db(database)
      .collection<{ authorized_user_ids: string[] }>('groups')
      .updateOne({ _id: new ObjectId(id) }, { $push: { authorized_user_ids: 'mia' } })
    const watcher = await one.socket('olga', `/ws/${id}`)
    await owner.send(id, 'hello')
    const inbox = await two.socket('mia', '/ws')
    // Other tests have made mia a member of other groups.
    assert.ok(!JSON.stringify(await inbox.next('connected')).includes(id))
    const mia = await two.api('mia')
    assert.ok(!(await mia.call('GET', '/groups')).text.includes(id))
    await owner.send(id, 'not for mia')
    await inbox.ask({ type: 'ping' })
    assert.ok(!inbox.frames.some(({ type, group_id }) => type === 'new_message' && group_id === id))
    assert.equal((await mia.call('GET', `/groups/${id}`)).body.code, 'banned')
    await Promise.all([watcher.close(), inbox.close()])
  })
})
