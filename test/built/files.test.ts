import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { FileView } from '../../src/domain/file.ts'
import type { MessageView } from '../../src/domain/message.ts'
import { apiOf } from '../support/api.ts'
import { spawnService, temporaryFolder } from '../support/process.ts'
import { numbers } from '../support/samples.ts'

/** `npm test` has a few rounds; KILLS=50 npm run test:built has as many as the promise asks for. */
const kills = Number(process.env.KILLS ?? 4)
const uploaders = 4
const bytes = Buffer.alloc(300_000, 'x')

/** Uploads and sends without an end, each file with a message, until the service is gone. */
async function work(url: string, groupId: string, acknowledged: string[]): Promise<void> {
  const { call } = apiOf(url, 'ann')
  for (;;) {
    const headers = { 'content-type': 'application/octet-stream' }
    const path = `/groups/${groupId}`
    const uploaded = await call<FileView>('POST', `${path}/files`, { raw: new Uint8Array(bytes), headers })
    assert.equal(uploaded.status, 201)
    const body = { content: '', attachments: [uploaded.body.id] }
    const sent = await call<MessageView>('POST', `${path}/messages`, { body })
    assert.equal(sent.status, 201)
    acknowledged.push(sent.body.id)
  }
}

/** What the database knows, and what lies on the disk. */
function looked(dataDir: string) {
  const db = new DatabaseSync(join(dataDir, 'chat.db'))
  const files = db.prepare('SELECT id, size, message_id FROM files').all() as {
    id: string
    size: number
    message_id: string | null
  }[]
  const messages = db.prepare('SELECT id, attachments FROM messages').all() as {
    id: string
    attachments: string | null
  }[]
  db.close()
  const folder = join(dataDir, 'files')
  const whole = existsSync(folder) ? readdirSync(folder).filter((name) => name !== 'incoming') : []
  const present = new Set(whole.flatMap((name) => readdirSync(join(folder, name))))
  return { files, messages, present }
}

test(`kill -9 while files are uploaded and sent, ${kills} times: no message without its file, no file without its bytes`, async (t) => {
  using folder = temporaryFolder()
  const acknowledged: string[] = []
  let groupId: string | undefined
  for (const _ of numbers(1, kills)) {
    const service = await spawnService(folder.path, { UPLOAD_BYTES_PER_DAY: '1000GiB' })
    const api = apiOf(service.url, 'ann')
    groupId ??= (await api.createGroup('files', ['ann'])).id
    const group = groupId
    const working = numbers(1, uploaders).map(() => work(service.url, group, acknowledged))
    const settled = Promise.allSettled(working)
    await pause(50 + Math.random() * 250)
    await service.end('SIGKILL')
    for (const outcome of await settled)
      assert.ok(
        outcome.status === 'rejected' && !(outcome.reason instanceof assert.AssertionError),
        String(outcome),
      )

    const { files, messages, present } = looked(folder.path)
    const known = new Map(files.map((file) => [file.id, file]))
    for (const { id } of files) assert.ok(present.has(id), `the bytes of ${id} are missing`)
    for (const { id, attachments } of messages) {
      const [file] = JSON.parse(attachments ?? '[]') as { id: string }[]
      assert.equal(known.get(file?.id ?? '')?.message_id, id, 'a message without its file')
    }
    const there = new Set(messages.map(({ id }) => id))
    assert.ok(
      acknowledged.every((id) => there.has(id)),
      'an acknowledged message is lost',
    )
  }

  const service = await spawnService(folder.path)
  const { files, messages } = looked(folder.path)
  const { call } = apiOf(service.url, 'ann')
  for (const { id, size } of files.slice(-20)) {
    const { status, text } = await call('GET', `/files/${id}`)
    assert.deepEqual([status, text.length, size], [200, bytes.length, bytes.length])
  }
  await service.end('SIGTERM')
  t.diagnostic(`${messages.length} messages, ${files.length} files, ${acknowledged.length} acknowledged`)
})
