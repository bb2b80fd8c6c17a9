import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, test } from 'node:test'
import type { GroupView } from '../../src/domain/group.ts'
import type { OwnProfileView } from '../../src/domain/profile.ts'
import type { Answer } from '../support/api.ts'
import { startRest } from '../support/rest.ts'

const { call, group, root, send, service, close } = await startRest()
after(close)

const is = (answer: Answer<unknown>, status: number) => assert.equal(answer.status, status, answer.text)
const heads = {
  'image/png': [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
  'image/jpeg': [0xff, 0xd8, 0xff, 0xe0],
  'image/webp': [0x52, 0x49, 0x46, 0x46, 9, 9, 9, 9, 0x57, 0x45, 0x42, 0x50],
}
let salt = 0
/** Bytes that begin as a picture does, unlike all others. */
const picture = (type: keyof typeof heads, size = 1_000): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(size).fill(++salt)
  bytes.set(heads[type])
  return bytes
}
const put = <T = OwnProfileView>(
  as: string,
  raw: Uint8Array<ArrayBuffer> | string,
  path = '/users/me/avatar',
) => call<T>('PUT', path, { as, raw, headers: { 'content-type': 'text/plain' } })
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const get = (url: string, headers: Record<string, string> = {}) => fetch(service.url + url, { headers })

test('a picture is called by its bytes, and anybody sees it as it is, for ever', async () => {
  for (const type of Object.keys(heads) as (keyof typeof heads)[]) {
    const bytes = picture(type)
    const answer = await put('ann', bytes)
    is(answer, 200)
    const url = answer.body.avatar_url ?? ''
    assert.equal(url, `/avatars/${sha256(bytes)}`)
    const got = await get(url)
    assert.equal(got.status, 200)
    assert.ok(Buffer.from(await got.arrayBuffer()).equals(bytes))
    assert.equal(got.headers.get('content-type'), type)
    assert.match(got.headers.get('cache-control') ?? '', /max-age=31536000.*immutable/)
    assert.equal(got.headers.get('x-content-type-options'), 'nosniff')
    const again = await get(url, { 'if-none-match': got.headers.get('etag') ?? '' })
    assert.equal(again.status, 304)
    assert.equal((await call('GET', '/users/ann', { as: 'bob' })).body.avatar_url, url)
  }
})

test('it is on messages, also on pages that were shown before', async () => {
  const { id } = await group('bob', 'cem')
  await send(id, 'hello', { as: 'bob' })
  const shown = async () => {
    const page = await call<{ messages: { sender: { avatar_url: string | null } }[] }>(
      'GET',
      `/groups/${id}/messages`,
      { as: 'cem' },
    )
    return page.body.messages[0]?.sender.avatar_url
  }
  assert.equal(await shown(), null)
  const { body } = await put('bob', picture('image/png'))
  assert.equal(await shown(), body.avatar_url)
  is(await call('DELETE', '/users/me/avatar', { as: 'bob' }), 204)
  assert.equal(await shown(), null)
})

test('a picture that is replaced or taken away is gone, unless somebody else has it', async () => {
  const [one, two] = [picture('image/png'), picture('image/jpeg')]
  const status = async (bytes: Uint8Array) => (await get(`/avatars/${sha256(bytes)}`)).status
  await put('dee', one)
  await put('eve', one)
  await put('dee', two)
  assert.deepEqual([await status(one), await status(two)], [200, 200])
  is(await call('DELETE', '/users/me/avatar', { as: 'eve' }), 204)
  is(await call('DELETE', '/users/me/avatar', { as: 'eve' }), 204)
  assert.deepEqual([await status(one), await status(two)], [404, 200])
  assert.equal((await call('GET', '/users/me', { as: 'eve' })).body.avatar_url, null)
})

test('what is no picture, or too large, is refused', async () => {
  for (const bytes of ['', '<svg xmlns="http://www.w3.org/2000/svg"/>', '\u0089PNG', 'GIF89a'])
    is(await put('fay', bytes), 422)
  is(await put('fay', picture('image/png', 1_048_577)), 413)
  is(await put('fay', picture('image/png', 1_048_576)), 200)
  for (const path of ['/avatars/none', `/avatars/${'0'.repeat(64)}`, '/avatars/..%2f'])
    is(await root('GET', path), 404)
})

test('admins give a group its picture, which its members are told', async () => {
  const { id } = await group('owner', 'member')
  const socket = await service.socket('member', `/ws/${id}`)
  await socket.next('connected')
  const path = `/groups/${id}/avatar`
  const bytes = picture('image/webp')
  is(await put('member', bytes, path), 403)
  const answer = await put<GroupView>('owner', bytes, path)
  is(answer, 200)
  const url = answer.body.avatar_url ?? ''
  assert.equal(url, `/avatars/${sha256(bytes)}`)
  const told = (await socket.next('group_updated')).group as GroupView
  assert.equal(told.avatar_url, url)
  assert.equal((await get(url)).status, 200)
  assert.equal((await call('GET', `/groups/${id}`, { as: 'member' })).body.avatar_url, url)
  is(await call('DELETE', path, { as: 'member' }), 403)
  is(await call('DELETE', path, { as: 'owner' }), 204)
  assert.equal((await call('GET', `/groups/${id}`, { as: 'member' })).body.avatar_url, null)
  assert.equal((await get(url)).status, 404)
})
