import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openRaw, parseRaw } from '../http/raw.ts'
import { tokenOf } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/process.ts'
import { startRest } from '../support/rest.ts'

const folder = temporaryFolder()
const rest = await startRest({ DATA_DIR: folder.path, MAX_FILE_BYTES: '100000' })
after(async () => {
  await rest.close()
  folder[Symbol.dispose]()
})
const { id: groupId } = await rest.group('ann')
const path = `/api/chat/groups/${groupId}/files`

/** The names of all files that lie on the disk, also of those that are not whole. */
function onDisk(): string[] {
  const files = join(folder.path, 'files')
  if (!existsSync(files)) return []
  return readdirSync(files).flatMap((name) => readdirSync(join(files, name)))
}

const head = async (...lines: string[]) =>
  [
    `POST ${path} HTTP/1.1`,
    'Host: x',
    `Authorization: Bearer ${await tokenOf('ann')}`,
    'Connection: close',
    ...lines,
    '',
    '',
  ].join('\r\n')

const form = 'Content-Type: multipart/form-data; boundary=b'
const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'

async function answerTo(text: string) {
  const connection = await openRaw(rest.service.url)
  connection.write(text)
  return parseRaw(await connection.ended)
}

test('a form without an end, or with ten thousand parts, is refused, and nothing is left of its file', async () => {
  const body = `${part}some text`
  const { status } = await answerTo((await head(form, `Content-Length: ${body.length}`)) + body)
  assert.equal(status, 400)

  const parts = `${part}text\r\n${'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n'.repeat(10_000)}--b--\r\n`
  const many = await answerTo((await head(form, `Content-Length: ${parts.length}`)) + parts)
  assert.ok(many.status === 400 || many.status === 413, `${many.status}`)
  await eventually('nothing is left', () => onDisk().length === 0)
})

test('a form without a file, or with two, is refused', async () => {
  const ask = (name: string, content: string) =>
    `--b\r\nContent-Disposition: form-data; name="${name}"; filename="a"\r\n\r\n${content}\r\n`
  for (const body of [`${ask('other', 'x')}--b--\r\n`, `${ask('file', 'x')}${ask('file', 'y')}--b--\r\n`]) {
    const { status } = await answerTo((await head(form, `Content-Length: ${body.length}`)) + body)
    assert.equal(status, 422)
  }
  await eventually('nothing is left', () => onDisk().length === 0)
})

const elsewhere = process.env.TEST_STORE === 'mongodb' && 'the bytes lie in GridFS'

test('who promises more than they send leaves nothing', { skip: elsewhere }, async () => {
  const connection = await openRaw(rest.service.url)
  connection.write(`${await head('Content-Length: 50000')}${'x'.repeat(20_000)}`)
  await eventually('it is being written', () => onDisk().length === 1)
  connection.socket.destroy()
  await eventually('nothing is left', () => onDisk().length === 0)
})

test('who promises what is too much is told so at once, and one who sends it all the same is cut off', async () => {
  const promising = await openRaw(rest.service.url)
  promising.write(await head('Content-Length: 100000001'))
  assert.equal(parseRaw(await promising.until((text) => text.includes('too_large'))).status, 413)
  promising.socket.destroy()
  const chunked = await openRaw(rest.service.url)
  chunked.write(await head('Transfer-Encoding: chunked'))
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
  const timer = setInterval(() => chunked.write(chunk), 1)
  const answer = parseRaw(await chunked.ended)
  clearInterval(timer)
  assert.equal(answer.status, 413)
  await eventually('nothing is left', () => onDisk().length === 0)
})
