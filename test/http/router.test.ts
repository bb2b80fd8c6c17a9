import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError } from '../../src/domain/errors.ts'
import { createRouter } from '../../src/http/router.ts'

function sample() {
  const router = createRouter<string>()
  router.add('GET', '/', 'root')
  router.add('GET', '/groups', 'list')
  router.add('POST', '/groups', 'create')
  router.add('GET', '/groups/:group', 'read')
  router.add('GET', '/groups/mine', 'mine')
  router.add('GET', '/groups/mine/old', 'old')
  router.add('DELETE', '/groups/:group/members/:member', 'remove')
  return router
}

test('a path leads to its value, with its parameters', () => {
  const { match } = sample()
  assert.deepEqual(match('GET', '/'), { value: 'root', params: {} })
  assert.deepEqual(match('GET', '/groups'), { value: 'list', params: {} })
  assert.deepEqual(match('POST', '/groups'), { value: 'create', params: {} })
  assert.deepEqual(match('GET', '/groups/7'), { value: 'read', params: { group: '7' } })
  assert.deepEqual(match('DELETE', '/groups/7/members/eve'), {
    value: 'remove',
    params: { group: '7', member: 'eve' },
  })
})

test('what is written out goes before a parameter, and does not hide what lies below it', () => {
  const { match } = sample()
  assert.deepEqual(match('GET', '/groups/mine'), { value: 'mine', params: {} })
  assert.deepEqual(match('GET', '/groups/mine/old'), { value: 'old', params: {} })
  assert.deepEqual(match('DELETE', '/groups/mine/members/eve'), {
    value: 'remove',
    params: { group: 'mine', member: 'eve' },
  })
})

test('a slash at the end makes no difference, an empty segment does', () => {
  const { match } = sample()
  assert.deepEqual(match('GET', '/groups/'), { value: 'list', params: {} })
  assert.deepEqual(match('GET', '/groups/7/'), { value: 'read', params: { group: '7' } })
  for (const path of ['//', '/groups//', '//groups', '/groups//members/eve', '/nothing', '/groups/7/members'])
    assert.equal(match('GET', path), null, path)
})

test('another method is answered by those there are; HEAD is answered by GET', () => {
  const { match } = sample()
  assert.deepEqual(match('HEAD', '/groups'), { value: 'list', params: {} })
  assert.deepEqual(match('PUT', '/groups'), { allow: ['GET', 'HEAD', 'OPTIONS', 'POST'] })
  assert.deepEqual(match('OPTIONS', '/groups'), { allow: ['GET', 'HEAD', 'OPTIONS', 'POST'] })
  assert.deepEqual(match('HEAD', '/groups/7/members/eve'), { allow: ['DELETE', 'OPTIONS'] })
})

test('segments are decoded after they are split', () => {
  const { match } = sample()
  assert.deepEqual(match('GET', '/groups/a%2Fb'), { value: 'read', params: { group: 'a/b' } })
  assert.deepEqual(match('GET', '/%67roups'), { value: 'list', params: {} })
  assert.deepEqual(match('GET', '/groups/%3Agroup'), { value: 'read', params: { group: ':group' } })
  assert.deepEqual(match('GET', '/groups/__proto__'), { value: 'read', params: { group: '__proto__' } })
  for (const segment of ['%', '%zz', '%ff', '%c0%af']) {
    const broken = { value: 'read', params: { group: segment }, isBroken: true }
    assert.deepEqual(match('GET', `/groups/${segment}`), broken)
    assert.throws(
      () => match('GET', `/nothing/${segment}`),
      (error) => error instanceof ChatError && error.code === 'malformed',
    )
  }
})

test('a path can be taken once for each method', () => {
  assert.throws(() => sample().add('GET', '/groups/:other', 'again'), /two routes/)
})
