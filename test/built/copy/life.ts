import assert from 'node:assert/strict'
import type { GroupView } from '../../../src/domain/group.ts'
import type { MessageView } from '../../../src/domain/message.ts'
import type { Api } from '../../support/api.ts'

/** What people do in a while, by all kinds of requests. `large` is a group of ann and bob. */
export async function liveIn(api: Api, large: string): Promise<void> {
  const say = async (group: string, as: string, body: object): Promise<MessageView> => {
    const {
      status,
      body: said,
      text,
    } = await api.call<MessageView>('POST', `/groups/${group}/messages`, { as, body })
    assert.equal(status, 201, text)
    return said
  }
  const change = async (method: string, path: string, body?: object, as = 'ann'): Promise<void> => {
    const { status, text } = await api.call(method, path, { as, ...(body && { body }) })
    assert.ok(status < 300, `${method} ${path}: ${text}`)
  }
  const { body: group } = await api.call<GroupView>('POST', '/groups', {
    body: {
      name: 'Lunch',
      description: 'daily',
      visibility: 'open',
      metadata: { z: 1, a: { é: ['x'] } },
      authorized_user_ids: ['ann', 'bob', 'cem'],
    },
  })
  const { id } = group
  const question = await say(id, 'ann', {
    content: 'Where?',
    client_id: 'q',
    mentions: ['bob'],
    metadata: { b: 1, a: 2 },
  })
  const answer = await say(id, 'bob', { content: 'Here', reply_to: question.id })
  const gone = await say(id, 'bob', { content: 'gone', reply_to: question.id, mention_all: true })
  await say(id, 'cem', { content: 'deeper', reply_to: answer.id })
  await say(id, 'dora', { content: 'as a guest' })
  await change('PUT', `/messages/${question.id}`, { content: 'Where now?' })
  await change('PUT', `/messages/${question.id}`, { mentions: ['cem'] })
  await change('PUT', `/messages/${question.id}/reactions/👍`, undefined, 'bob')
  await change('PUT', `/messages/${question.id}/reactions/👍`, undefined, 'cem')
  await change('PUT', `/messages/${question.id}/reactions/🎉`, undefined, 'bob')
  await change('DELETE', `/messages/${question.id}/reactions/👍`, undefined, 'bob')
  await change('PUT', `/messages/${answer.id}/pin`)
  await change('PUT', `/messages/${question.id}/pin`)
  await change('PUT', `/messages/${gone.id}`, { content: 'soon gone' }, 'bob')
  await change('DELETE', `/messages/${gone.id}`, undefined, 'ann')
  await change('PATCH', `/groups/${id}/members/cem`, { role: 'admin' })
  await change('PATCH', `/groups/${id}/members/bob`, { muted_until: '2100-01-01T00:00:00Z' })
  await change('PUT', `/groups/${id}/bans/eve`, { reason: 'spam', until: '2100-01-01T00:00:00Z' })
  await change('PUT', `/groups/${id}/read`, { seq: 3 }, 'cem')
  await change('PATCH', `/groups/${id}/me`, { notify: 'none', pinned: true }, 'cem')
  await change('POST', `/groups/${id}/invites`, { max_uses: 2 })
  await change('POST', '/direct', { user_id: 'bob' })
  await change('POST', '/direct', { user_id: 'dora' }, 'bob')
  await change('POST', '/groups', { name: 'Keyed', key: 'a key' })
  const { body: doomed } = await api.call<GroupView>('POST', '/groups', { body: { name: 'Doomed' } })
  await change('DELETE', `/groups/${doomed.id}`)
  await change('PUT', `/groups/${large}/read`, { seq: 10 }, 'bob')
}
