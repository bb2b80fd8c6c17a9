import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { GroupView } from '../../src/domain/group.ts'
import { type Rest, startRest } from '../support/rest.ts'

let rest: Rest
before(async () => {
  rest = await startRest()
})
after(() => rest.close())

const members = Array.from({ length: 150 }, (_, i) => `user${i}`)

describe('a group of more than 100 members', () => {
  test('is whole by itself, and cut short in a list, which says how many there are', async () => {
    const { id } = await rest.group(...members)
    const whole = await rest.call<GroupView>('GET', `/groups/${id}`, { as: 'user0' })
    assert.deepEqual([whole.body.authorized_user_ids, whole.body.member_count], [members, 150])
    const { body } = await rest.call<{ groups: GroupView[] }>('GET', '/groups', { as: 'user149' })
    const [listed] = body.groups
    assert.deepEqual([listed?.authorized_user_ids, listed?.member_count], [members.slice(0, 100), 150])
  })

  test('has its members replaced only by who has read them all', async () => {
    const { id } = await rest.group(...members)
    const change = (body: object, tag?: string) =>
      rest.call('PUT', `/groups/${id}`, {
        as: 'user0',
        body,
        headers: tag === undefined ? {} : { 'if-match': tag },
      })
    const fewer = { authorized_user_ids: members.slice(0, 100) }
    const refused = await change(fewer)
    assert.deepEqual([refused.status, refused.body.code], [428, 'precondition_required'])
    assert.match(refused.body.detail, /If-Match/)
    const tag = (await rest.call('GET', `/groups/${id}`, { as: 'user0' })).headers.get('etag') ?? ''
    assert.match(tag, /^"[0-9a-f]{16}"$/)
    assert.equal((await change({ name: 'Another' })).status, 200, 'a name needs no list')
    const stale = await change(fewer, tag)
    assert.deepEqual([stale.status, stale.body.code], [412, 'precondition_failed'])
    assert.equal((await change(fewer, '*')).status, 428, 'any version is not the one that was read')
    assert.equal((await change({ name: 'A third' }, '*')).status, 200)
    const { headers } = await rest.call('GET', `/groups/${id}`, { as: 'user0' })
    const changed = await change(fewer, headers.get('etag') ?? '')
    assert.equal(changed.status, 200)
    assert.notEqual(changed.headers.get('etag'), headers.get('etag'))
    assert.equal(
      (await change({ authorized_user_ids: ['user0'] })).status,
      200,
      'a small group asks for nothing',
    )
  })
})
