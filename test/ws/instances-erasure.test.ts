import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { mongoMissing } from '../mongo/server.ts'
import { createApi } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { newDatabaseEnv, startService, type TestService } from '../support/service.ts'

describe('erasure on two instances on one MongoDB', { skip: (await mongoMissing()) ?? false }, () => {
  let one: TestService
  let two: TestService
  before(async () => {
    const env = await newDatabaseEnv()
    one = await startService(env)
    two = await startService(env)
  })
  after(async () => {
    await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()])
  })

  test('the other instance closes the sockets of who is erased, refuses them, and admits them again', async () => {
    const { owner, group } = await one.group('olga', 'ewan')
    await owner.send(group.id, 'hi')
    const [ewan, olga] = [await two.socket('ewan', '/ws'), await two.socket('olga', `/ws/${group.id}`)]
    for (const socket of [ewan, olga]) await socket.next('connected')
    const operator = createApi(one.base, { as: 'root (admin)' })
    const began = performance.now()
    assert.equal((await operator.call('DELETE', '/users/ewan')).status, 200)
    assert.equal((await ewan.closed).code, 4503)
    assert.ok(performance.now() - began < 5_000)
    assert.equal((await olga.next('member_removed')).user_id, 'ewan')
    const there = createApi(two.base, { as: 'ewan' })
    const status = async () => (await there.call('GET', '/groups')).status
    assert.equal(await status(), 401)
    assert.equal((await operator.call('POST', '/users/ewan/admit')).status, 204)
    await eventually('ewan is admitted there, too', async () => (await status()) === 200)
    await olga.close()
  })
})
