import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, describe, test } from 'node:test'
import type { FileView } from '../../src/domain/file.ts'
import type { MessageView } from '../../src/domain/message.ts'
import { tokenOf } from '../support/api.ts'
import { pngOf } from '../support/images.ts'
import { type Rest, startRest } from '../support/rest.ts'
import { newId } from '../support/samples.ts'
import { startService } from '../support/service.ts'

const rest = await startRest({ MAX_FILE_BYTES: '100000' })
after(rest.close)
const { call } = rest

interface Named {
  as?: string
  name?: string
  of?: Rest
}

async function upload(
  groupId: string,
  content: Uint8Array | string,
  { as = 'ann', name, of = rest }: Named = {},
) {
  const raw = typeof content === 'string' ? content : new Uint8Array(content)
  const query = name === undefined ? '' : `?name=${encodeURIComponent(name)}`
  const headers = { 'content-type': 'application/octet-stream' }
  return of.call<FileView>('POST', `/groups/${groupId}/files${query}`, { as, raw, headers })
}

/** The file's bytes, and the answer that has them. */
async function bytesOf(path: string, { as = 'bob' as string | null, headers = {}, method = 'GET' } = {}) {
  const token = as === null ? {} : { authorization: `Bearer ${await tokenOf(as)}` }
  const answer = await fetch(rest.service.url + path, { method, headers: { ...token, ...headers } })
  return { answer, status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) }
}

const send = (groupId: string, attachments: readonly string[], as = 'ann', more = {}) =>
  call<MessageView>('POST', `/groups/${groupId}/messages`, {
    as,
    body: { content: '', attachments, ...more },
  })

const png = pngOf(640, 480)

describe('an upload', () => {
  test('is answered with what is known of it', async () => {
    const { id } = await rest.group('ann', 'bob')
    const { status, body, headers } = await upload(id, png, { name: 'menu.png' })
    assert.equal(status, 201)
    const { id: fileId, created_at, ...known } = body
    assert.deepEqual(known, {
      group_id: id,
      name: 'menu.png',
      type: 'image/png',
      size: png.length,
      sha256: createHash('sha256').update(png).digest('hex'),
      width: 640,
      height: 480,
      uploaded_by: 'ann',
      url: `/api/chat/files/${fileId}`,
    })
    assert.ok(Math.abs(Date.parse(created_at) - Date.now()) < 10_000)
    assert.equal(headers.get('location'), body.url)
    const found = await bytesOf(body.url)
    assert.equal(found.status, 200)
    assert.deepEqual(found.bytes, png)
  })

  test('may be a form, with its parts in any order', async () => {
    const { id } = await rest.group('ann', 'bob')
    const form = new FormData()
    form.append('before', 'text')
    form.append('file', new Blob([png], { type: 'text/html' }), 'form.png')
    form.append('after', 'text')
    const send = async (query = '') => {
      const headers = { authorization: `Bearer ${await tokenOf('ann')}` }
      const url = `${rest.service.base}/groups/${id}/files${query}`
      const answer = await fetch(url, { method: 'POST', headers, body: form })
      return { status: answer.status, body: (await answer.json()) as FileView }
    }
    const { status, body } = await send()
    assert.deepEqual([status, body.name, body.type, body.size], [201, 'form.png', 'image/png', png.length])
    assert.equal((await send('?name=other.png')).body.name, 'other.png')
  })

  test('has a safe name, whatever it is called', async () => {
    const { id } = await rest.group('ann')
    const names: [given: string | undefined, name: string][] = [
      ['../../etc/passwd', 'passwd'],
      ['a\0b\r\nc.txt', 'abc.txt'],
      ['cod\u202egnp.exe', 'codgnp.exe'],
      [`${'x'.repeat(1_000)}.png`, `${'x'.repeat(116)}.png`],
      ['..', 'file'],
      [undefined, 'file'],
    ]
    for (const [name, safe] of names) {
      const { status, body } = await upload(id, 'text', name === undefined ? {} : { name })
      assert.deepEqual([status, body.name], [201, safe])
    }
    const { answer } = await bytesOf((await upload(id, 'text', { name: 'Grüße "1".txt' })).body.url, {
      as: 'ann',
    })
    const disposition = answer.headers.get('content-disposition')
    assert.equal(
      disposition,
      `attachment; filename="Gr__e 1 .txt"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%201%20.txt`,
    )
  })

  test('may be empty', async () => {
    const { id } = await rest.group('ann')
    const { status, body } = await upload(id, '')
    assert.deepEqual([status, body.size, body.type], [201, 0, 'application/octet-stream'])
    const { status: read, bytes } = await bytesOf(body.url, { as: 'ann' })
    assert.deepEqual([read, bytes.length], [200, 0])
  })

  test('over the limit is refused, and the answer arrives', async () => {
    const { id } = await rest.group('ann')
    assert.equal((await upload(id, randomBytes(100_000))).status, 201)
    const { status, body } = await upload(id, randomBytes(100_001))
    assert.deepEqual([status, (body as unknown as { code: string }).code], [413, 'too_large'])
    assert.equal((await upload(id, randomBytes(390_000))).status, 413)
  })

  test('is for who may write in the group', async () => {
    const { id } = await rest.group('ann', 'bob')
    assert.equal((await upload(id, 'text', { as: 'eve' })).status, 403)
    assert.equal((await upload(newId(), 'text')).status, 404)
  })
})

describe('the bytes', () => {
  test('are answered with the headers that keep pages and caches safe', async () => {
    const { id } = await rest.group('ann', 'bob')
    const { body } = await upload(id, png, { name: 'menu.png' })
    for (const method of ['GET', 'HEAD']) {
      const { status, answer, bytes } = await bytesOf(body.url, { method })
      assert.equal(status, 200)
      const headers = Object.fromEntries(answer.headers)
      const wanted = {
        'accept-ranges': 'bytes',
        'cache-control': 'private, no-cache',
        'content-disposition': 'inline; filename="menu.png"',
        'content-length': String(png.length),
        'content-security-policy': 'sandbox',
        'content-type': 'image/png',
        etag: `"${body.sha256}"`,
        'x-content-type-options': 'nosniff',
      }
      for (const [name, value] of Object.entries(wanted))
        assert.equal(headers[name], value, `${method} ${name}`)
      assert.equal(bytes.length, method === 'HEAD' ? 0 : png.length)
    }
  })

  test('are only saved unless they show themselves what they are', async () => {
    const { id } = await rest.group('ann', 'bob')
    const files: [name: string, content: string][] = [
      ['a.svg', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
      ['a.png', '<!DOCTYPE html><script>alert(1)</script>'],
      ['a.zip', 'PK\x03\x04'],
    ]
    for (const [name, content] of files) {
      const headers = { 'content-type': name.endsWith('svg') ? 'image/svg+xml' : 'image/png' }
      const { body } = await call<FileView>('POST', `/groups/${id}/files?name=${name}`, {
        as: 'ann',
        raw: content,
        headers,
      })
      assert.deepEqual([body.type, body.width, body.height], ['application/octet-stream', null, null])
      const { answer } = await bytesOf(body.url)
      assert.equal(answer.headers.get('content-type'), 'application/octet-stream')
      assert.equal(answer.headers.get('content-disposition'), `attachment; filename="${name}"`)
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
    }
  })

  test('a header that promises a huge image is only a number', async () => {
    const { id } = await rest.group('ann')
    const { body } = await upload(id, pngOf(64_000, 64_000))
    assert.deepEqual([body.width, body.height], [64_000, 64_000])
  })

  test('are answered in part, or not again', async () => {
    const { id } = await rest.group('ann', 'bob')
    const content = Buffer.from('0123456789')
    const { body } = await upload(id, content)
    const ask = (headers: Record<string, string>, method = 'GET') => bytesOf(body.url, { headers, method })
    const tag = `"${body.sha256}"`

    const part = await ask({ range: 'bytes=2-4' })
    assert.deepEqual([part.status, part.bytes.toString()], [206, '234'])
    assert.equal(part.answer.headers.get('content-range'), 'bytes 2-4/10')
    assert.equal(part.answer.headers.get('content-length'), '3')
    assert.equal(part.answer.headers.get('etag'), tag)
    assert.equal((await ask({ range: 'bytes=-2' })).bytes.toString(), '89')

    const beyond = await ask({ range: 'bytes=10-' })
    assert.equal(beyond.status, 416)
    assert.equal(beyond.answer.headers.get('content-range'), 'bytes */10')
    assert.match(beyond.bytes.toString(), /range_not_satisfiable/)

    const many = Array.from({ length: 200 }, (_, n) => `${n % 10}-${n % 10}`).join(',')
    for (const range of [`bytes=${many}`, 'bytes=4-2', 'lines=1-2']) {
      const { status, bytes } = await ask({ range })
      assert.deepEqual([status, bytes.toString()], [200, '0123456789'], range)
    }
    assert.equal((await ask({ range: 'bytes=2-4', 'if-range': tag })).status, 206)
    assert.equal((await ask({ range: 'bytes=2-4', 'if-range': '"other"' })).status, 200)
    assert.equal((await ask({ range: 'bytes=2-4' }, 'HEAD')).status, 200)

    const same = await ask({ 'if-none-match': `"other", W/${tag}` })
    assert.deepEqual([same.status, same.bytes.length, same.answer.headers.get('etag')], [304, 0, tag])
    assert.equal((await ask({ 'if-none-match': '"other"' })).status, 200)
  })

  test('are for members, and for guests of an open group', async () => {
    const { id } = await rest.group('ann', 'bob')
    const { body } = await upload(id, 'text')
    assert.equal((await bytesOf(body.url, { as: 'eve' })).status, 403)
    assert.equal((await bytesOf(body.url, { as: null })).status, 401)
    await call('PUT', `/groups/${id}`, { as: 'ann', body: { visibility: 'open' } })
    assert.equal((await bytesOf(body.url, { as: 'eve' })).status, 200)
    assert.equal((await bytesOf(`/api/chat/files/${newId()}`)).status, 404)
    assert.equal((await bytesOf('/api/chat/files/nothing')).status, 422)
  })
})

describe('a link', () => {
  const linked = async (of: string, as = 'bob') => {
    const { status, body } = await call<{ url: string; expires_at: string }>('POST', `/files/${of}/link`, {
      as,
    })
    assert.equal(status, 200)
    return body
  }

  test('opens a file without a token, for its user and for five minutes', async () => {
    const { id } = await rest.group('ann', 'bob')
    const { body: file } = await upload(id, png)
    const { url, expires_at } = await linked(file.id)
    const leftMs = Date.parse(expires_at) - Date.now()
    assert.ok(leftMs > 4.8 * 60_000 && leftMs < 5.2 * 60_000, `${leftMs}`)
    const found = await bytesOf(url, { as: null })
    assert.equal(found.status, 200)
    assert.deepEqual(found.bytes, png)
    assert.equal(found.answer.headers.get('cache-control'), 'private, no-cache')
    assert.equal((await bytesOf(url, { as: null, method: 'HEAD' })).status, 200)
    assert.equal((await bytesOf(url, { as: null, headers: { range: 'bytes=0-0' } })).status, 206)
  })

  test('is of no use to anybody else, for anything else, or later', async () => {
    const { id } = await rest.group('ann', 'bob')
    const { body: file } = await upload(id, png)
    const { body: other } = await upload(id, 'other')
    const link = new URL((await linked(file.id)).url, rest.service.url)
    const altered = (name: string, value: string) => {
      const url = new URL(link)
      url.searchParams.set(name, value)
      return url
    }
    const signature = link.searchParams.get('signature') ?? ''
    for (const url of [
      altered('user', 'ann'),
      altered('operator', 'true'),
      altered('expires', String(Number(link.searchParams.get('expires')) + 1)),
      altered('signature', `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`),
      altered('signature', signature.slice(0, 20)),
      altered('signature', ''),
      new URL(link.href.replace(file.id, other.id)),
    ])
      assert.equal((await bytesOf(url.pathname + url.search, { as: null })).status, 403, url.search)
    assert.equal((await bytesOf(link.pathname, { as: null })).status, 422)
  })

  test('is over after five minutes', async () => {
    await using service = await startService()
    const { owner, group } = await service.group('ann')
    const { body: file } = await owner.call('POST', `/groups/${group.id}/files?name=a`, { raw: 'bytes' })
    const { body: link } = await owner.call('POST', `/files/${file.id}/link`)
    const opened = async () => (await fetch(new URL(String(link.url), service.url))).status
    service.advance(4.9 * 60_000)
    assert.equal(await opened(), 200)
    service.advance(0.2 * 60_000)
    assert.equal(await opened(), 403)
  })

  test('asks again whether its user has access', async () => {
    const { id } = await rest.group('ann', 'bob')
    const { body: file } = await upload(id, png)
    const { url } = await linked(file.id)
    await call('DELETE', `/groups/${id}/members/bob`, { as: 'ann' })
    assert.equal((await bytesOf(url, { as: null })).status, 403)
    const { url: operators } = await linked(file.id, 'root (admin)')
    assert.equal((await bytesOf(operators, { as: null })).status, 200)
    await call('DELETE', `/files/${file.id}`, { as: 'ann' })
    assert.equal((await bytesOf(operators, { as: null })).status, 404)
  })
})

describe('a message', () => {
  test('has its files, wherever it is told', async () => {
    const { id } = await rest.group('ann', 'bob')
    const socket = await rest.service.socket('bob', `/ws/${id}`)
    await socket.next('connected')
    const files = [(await upload(id, png)).body, (await upload(id, 'two')).body]
    const ids = files.map((file) => file.id)
    const { status, body } = await send(id, ids.toReversed())
    assert.equal(status, 201)
    assert.equal(body.content, '')
    const wanted = files.toReversed()
    assert.deepEqual(body.attachments, wanted)
    const heard = await socket.next('new_message')
    assert.deepEqual((heard.message as MessageView).attachments, wanted)
    // The second time the page may be a kept one.
    for (const _ of [1, 2]) {
      const [found] = await rest.history(id, { as: 'bob' })
      assert.deepEqual(found?.attachments, wanted)
    }
    assert.deepEqual((await call('GET', `/messages/${body.id}`, { as: 'bob' })).body.attachments, wanted)
    const { body: group } = await call<{ last_message: MessageView }>('GET', `/groups/${id}`, { as: 'bob' })
    assert.deepEqual(group.last_message.attachments, wanted)
    await socket.close()
  })

  test('is sent with files by a socket as well', async () => {
    const { id } = await rest.group('ann', 'bob')
    const { body: file } = await upload(id, png)
    const socket = await rest.service.socket('ann', `/ws/${id}`)
    await socket.next('connected')
    const ack = await socket.ask({ type: 'message', content: '', attachments: [file.id] })
    assert.deepEqual((ack.message as MessageView).attachments, [file])
    await socket.close()
  })

  test('takes ten files of its group that its sender uploaded, each once', async () => {
    const { id } = await rest.group('ann', 'bob')
    const other = await rest.group('ann', 'bob')
    const ids: string[] = []
    for (let n = 0; n < 11; n++) ids.push((await upload(id, `file ${n}`)).body.id)
    const [first = '', second = ''] = ids
    const refused: [Promise<{ status: number }>, string][] = [
      [send(id, ids), 'eleven'],
      [send(id, [first, first]), 'twice'],
      [send(id, [newId()]), 'unknown'],
      [send(id, ['nothing']), 'no id'],
      [send(id, [first], 'bob'), "another's"],
      [send(other.id, [first]), "another group's"],
      [send(id, [], 'ann'), 'neither text nor files'],
    ]
    for (const [answer, why] of refused) assert.equal((await answer).status, 422, why)
    const { body } = await send(id, [newId()])
    assert.deepEqual(
      (body as unknown as { errors: { field: string }[] }).errors.map(({ field }) => field),
      ['attachments.0'],
    )
    assert.equal((await send(id, ids.slice(0, 10))).status, 201)
    assert.equal((await send(id, [second])).status, 422)
    assert.equal((await send(id, [ids[10] ?? ''], 'ann', { content: 'text' })).status, 201)
  })

  test('that is sent again is the first one; with other files it is another', async () => {
    const { id } = await rest.group('ann', 'bob')
    const { body: file } = await upload(id, png)
    const { body: other } = await upload(id, 'other')
    const first = await send(id, [file.id], 'ann', { client_id: 'one' })
    const again = await send(id, [file.id], 'ann', { client_id: 'one' })
    assert.deepEqual([again.status, again.body.id], [200, first.body.id])
    assert.deepEqual(again.body.attachments, [file])
    assert.equal((await send(id, [other.id], 'ann', { client_id: 'one' })).status, 409)
    assert.equal((await send(id, [other.id])).status, 201)
    await call('DELETE', `/files/${file.id}`, { as: 'ann' })
    const late = await send(id, [file.id], 'ann', { client_id: 'one' })
    assert.deepEqual([late.status, late.body.attachments], [200, []])
  })

  test('may lose its text as long as it has files', async () => {
    const { id } = await rest.group('ann')
    const { body: file } = await upload(id, png)
    const { body: message } = await send(id, [file.id], 'ann', { content: 'text' })
    const edit = (messageId: string, content: string) =>
      call<MessageView>('PUT', `/messages/${messageId}`, { as: 'ann', body: { content } })
    const { status, body } = await edit(message.id, '')
    assert.deepEqual([status, body.content, body.attachments], [200, '', [file]])
    const plain = await rest.send(id, 'plain', { as: 'ann' })
    assert.equal((await edit(plain.id, '')).status, 422)
  })

  test('hides its files when it is deleted, and shows them again when it is restored', async () => {
    const { id } = await rest.group('ann', 'bob')
    const { body: file } = await upload(id, png)
    const { body: message } = await send(id, [file.id])
    assert.equal((await call('DELETE', `/messages/${message.id}`, { as: 'ann' })).status, 204)
    for (const as of ['ann', 'bob', 'root (admin)'])
      assert.equal((await bytesOf(file.url, { as })).status, 404, as)
    assert.equal((await call('DELETE', `/files/${file.id}`, { as: 'ann' })).status, 404)
    assert.equal((await call('POST', `/files/${file.id}/link`, { as: 'ann' })).status, 404)
    assert.deepEqual((await call('GET', `/groups/${id}/files`, { as: 'bob' })).body.files, [])
    const kept = await call<{ messages: MessageView[] }>(
      'GET',
      `/groups/${id}/messages?include_deleted=true`,
      { as: 'root (admin)' },
    )
    assert.deepEqual(kept.body.messages[0]?.attachments, [file])

    const restored = await call<MessageView>('POST', `/messages/${message.id}/restore`, {
      as: 'root (admin)',
    })
    assert.deepEqual(restored.body.attachments, [file])
    assert.equal((await bytesOf(file.url)).status, 200)
  })
})

describe('the files of a group', () => {
  test('are those of its messages, newest first, page by page', async () => {
    const { id } = await rest.group('ann', 'bob')
    const files: FileView[] = []
    for (let n = 0; n < 5; n++) files.push((await upload(id, `file ${n}`)).body)
    await upload(id, 'in no message')
    for (const file of files) await send(id, [file.id])
    const newest = files.toSorted((a, b) => (a.created_at + a.id < b.created_at + b.id ? 1 : -1))
    const list = (query: string, as = 'bob') =>
      call<{ files: FileView[]; next: string | null }>('GET', `/groups/${id}/files${query}`, { as })
    assert.deepEqual((await list('')).body, { files: newest, next: null })
    const found: FileView[] = []
    for (let before = ''; ; ) {
      const { body } = await list(`?limit=2${before}`)
      found.push(...body.files)
      if (body.next === null) break
      before = `&before=${body.next}`
    }
    assert.deepEqual(found, newest)
    for (const query of ['?limit=0', '?limit=101', '?before=nothing', '?after=x'])
      assert.equal((await list(query)).status, 422, query)
    assert.equal((await list('', 'eve')).status, 403)
  })
})

describe('a file that is deleted', () => {
  test('leaves its message, which is told', async () => {
    const { id } = await rest.group('ann', 'bob')
    const { body: file } = await upload(id, png)
    const { body: other } = await upload(id, 'other')
    const { body: message } = await send(id, [file.id, other.id])
    const socket = await rest.service.socket('bob', `/ws/${id}`)
    await socket.next('connected')
    assert.equal((await call('DELETE', `/files/${file.id}`, { as: 'bob' })).status, 403)
    assert.equal((await call('DELETE', `/files/${file.id}`, { as: 'ann' })).status, 204)
    const told = (await socket.next('message_updated')).message as MessageView
    assert.deepEqual([told.id, told.attachments, told.edited_at, told.ver], [message.id, [other], null, 2])
    const [found] = await rest.history(id, { as: 'bob' })
    assert.deepEqual(found?.attachments, [other])
    assert.equal((await bytesOf(file.url)).status, 404)
    assert.equal((await call('DELETE', `/files/${file.id}`, { as: 'ann' })).status, 404)
    await socket.close()
  })

  test('may have no message, and may be deleted by an admin', async () => {
    const { id } = await rest.group('ann', 'bob')
    const { body: unsent } = await upload(id, png, { as: 'bob' })
    assert.equal((await call('DELETE', `/files/${unsent.id}`, { as: 'ann' })).status, 204)
    assert.equal((await bytesOf(unsent.url)).status, 404)
    assert.equal((await send(id, [unsent.id], 'bob')).status, 422)
  })
})

test('a user uploads so many bytes in 24 hours, over all groups', async (t) => {
  const few = await startRest({ UPLOAD_BYTES_PER_DAY: '1000' })
  t.after(few.close)
  const { id } = await few.group('ann', 'bob')
  const put = (size: number, as = 'ann') => upload(id, randomBytes(size), { as, of: few })
  assert.equal((await put(600)).status, 201)
  const refused = await put(500)
  assert.deepEqual(
    [refused.status, (refused.body as unknown as { code: string }).code],
    [429, 'rate_limited'],
  )
  const seconds = Number(refused.headers.get('retry-after'))
  assert.ok(seconds > 22 * 3_600 && seconds <= 24 * 3_600, `${seconds}`)
  assert.equal((await put(400)).status, 201)
  assert.equal((await put(1)).status, 429)
  assert.equal((await put(600, 'bob')).status, 201)
})

test('uploads have a limit of their own', async (t) => {
  const few = await startRest({ RATE_LIMIT_UPLOADS: '2' })
  t.after(few.close)
  const { id } = await few.group('ann')
  const put = () => upload(id, 'text', { of: few })
  assert.deepEqual([(await put()).status, (await put()).status], [201, 201])
  const refused = await put()
  assert.equal(refused.status, 429)
  assert.match(refused.headers.get('ratelimit') ?? '', /"uploads"/)
  assert.ok(Number(refused.headers.get('retry-after')) > 0)
})

test('FILES=off leaves them out', async (t) => {
  const none = await startRest({ FILES: 'off' })
  t.after(none.close)
  const { id } = await none.group('ann')
  const calls: [method: string, path: string][] = [
    ['POST', `/groups/${id}/files`],
    ['GET', `/groups/${id}/files`],
    ['GET', `/files/${newId()}`],
    ['DELETE', `/files/${newId()}`],
    ['POST', `/files/${newId()}/link`],
  ]
  for (const [method, path] of calls)
    assert.equal((await none.call(method, path, { as: 'ann' })).status, 404, path)
  const body = { content: 'text', attachments: [newId()] }
  assert.equal((await none.call('POST', `/groups/${id}/messages`, { as: 'ann', body })).status, 422)
})
