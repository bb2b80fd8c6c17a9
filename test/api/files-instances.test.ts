import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FileView } from '../../src/domain/file.ts'
import type { MessageView } from '../../src/domain/message.ts'
import { mongoMissing } from '../mongo/server.ts'
import { pngOf } from '../support/images.ts'
import { newDatabaseEnv, startService } from '../support/service.ts'

test('a file comes to one instance, is sent by another, and is read, linked and deleted at either', {
  skip: (await mongoMissing()) ?? false,
}, async () => {
  const env = { ...(await newDatabaseEnv()), UPLOAD_BYTES_PER_DAY: '1000' }
  await using one = await startService(env)
  await using two = await startService(env)
  const [ann, other] = [await one.api('ann'), await two.api('ann')]
  const group = await ann.createGroup('files', ['bob'])
  const bob = await two.socket('bob', `/ws/${group.id}`)
  await bob.next('connected')

  const png = new Uint8Array(pngOf(2, 1))
  const headers = { 'content-type': 'application/octet-stream' }
  const path = `/groups/${group.id}/files`
  const { body: file } = await ann.call<FileView>('POST', path, { raw: png, headers })
  const body = { content: '', attachments: [file.id] }
  const sent = await other.call<MessageView>('POST', `/groups/${group.id}/messages`, { body })
  assert.deepEqual(sent.body.attachments, [file])
  assert.deepEqual(((await bob.next('new_message')).message as MessageView).attachments, [file])
  assert.equal((await ann.call('POST', `/groups/${group.id}/messages`, { body })).status, 422)

  const { body: link } = await ann.call<{ url: string }>('POST', `/files/${file.id}/link`)
  for (const { url } of [one, two]) {
    const answer = await fetch(url + link.url)
    assert.equal(answer.status, 200)
    assert.deepEqual(new Uint8Array(await answer.arrayBuffer()), png)
  }
  // What was uploaded to either counts.
  const big = new Uint8Array(600)
  const uploads = await Promise.all([ann, other].map((api) => api.call('POST', path, { raw: big, headers })))
  assert.deepEqual(uploads.map(({ status }) => status).sort(), [201, 429])

  assert.equal((await other.call('DELETE', `/files/${file.id}`)).status, 204)
  assert.deepEqual(((await bob.next('message_updated')).message as MessageView).attachments, [])
  assert.equal((await ann.call('GET', `/files/${file.id}`)).status, 404)
  await bob.close()
})
