import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, test } from 'node:test'
import { ChatError } from '../../src/domain/errors.ts'
import { multipartFile, stream } from '../../src/http/body.ts'
import { jsonReply, type Reply } from '../../src/http/reply.ts'
import { publicRoute, type Route } from '../../src/http/route.ts'
import type { Upload } from '../../src/http/upload.ts'
import { eventually } from '../support/eventually.ts'
import { openRaw, parseRaw } from './raw.ts'
import { get, serve } from './serve.ts'

const KiB = 1024
const MiB = 1024 * KiB
const maxBody = 256 * KiB

/** `POST /files`, as bytes or as the part `file`. */
const files = (
  handle: (upload: Upload, request: IncomingMessage) => Promise<Reply>,
  limits: Pick<Route, 'maxBody' | 'maxBodyMs'> = { maxBody },
): Route =>
  publicRoute({
    method: 'POST',
    path: '/files',
    name: 'files.upload',
    about: '',
    body: [multipartFile('file'), stream()],
    answers: {},
    errors: [],
    handle: ({ body, request }) => handle(body, request),
    ...limits,
  })

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Takes it to its end. */
async function receive({ name, type, content, fields }: Upload): Promise<Reply> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of content) {
    hash.update(chunk)
    size += chunk.length
  }
  return jsonReply(201, { name, type, size, sha256: hash.digest('hex'), fields: Object.fromEntries(fields) })
}

const post = async (
  url: string,
  body: string | Uint8Array<ArrayBuffer> | FormData | ReadableStream,
  headers: Record<string, string> = {},
) => {
  const response = await fetch(`${url}/files`, { method: 'POST', body, headers, duplex: 'half' })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const formWith = (bytes: Uint8Array<ArrayBuffer>): FormData => {
  const form = new FormData()
  form.set('file', new File([bytes], 'a.bin'))
  return form
}

/** Bytes without a length told. */
const chunked = (bytes: Uint8Array<ArrayBuffer>): ReadableStream => new Blob([bytes]).stream()

const head = (...fields: string[]) => ['POST /files HTTP/1.1', 'Host: x', ...fields, '\r\n'].join('\r\n')
const partHead = '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
const multipartType = 'Content-Type: multipart/form-data; boundary=b'

describe('a file', () => {
  test('comes as bytes, of any Content-Type or none', async () => {
    await using service = await serve([files(receive)])
    const bytes = randomBytes(200 * KiB)
    const expected = { size: bytes.length, sha256: digest(bytes), fields: {} }
    for (const type of ['image/png', 'application/x-www-form-urlencoded', 'Text/Plain; charset=x'])
      assert.deepEqual(await post(service.url, bytes, { 'content-type': type }), {
        status: 201,
        body: { ...expected, type: type.split(';')[0]?.toLowerCase() },
      })
    assert.deepEqual(await post(service.url, bytes), { status: 201, body: expected })
    assert.deepEqual((await post(service.url, chunked(bytes))).body, expected)
    assert.deepEqual(await post(service.url, new Uint8Array()), {
      status: 201,
      body: { size: 0, sha256: digest(new Uint8Array()), fields: {} },
    })
  })

  test('comes as a part among others, in any order', async () => {
    await using service = await serve([files(receive)])
    const bytes = randomBytes(200 * KiB)
    const form = new FormData()
    form.append('before', '1')
    form.append('both', '1')
    form.append('file', new File([bytes], 'grüße.PNG', { type: 'image/png' }))
    form.append('both', '2')
    form.append('after', '2')
    assert.deepEqual(await post(service.url, form), {
      status: 201,
      body: {
        name: 'grüße.PNG',
        type: 'image/png',
        size: bytes.length,
        sha256: digest(bytes),
        fields: { before: '1', both: '2', after: '2' },
      },
    })
  })

  test('is held to the limit of the route, to the byte, however it comes', async () => {
    await using service = await serve([files(receive)])
    for (const [bytes, status] of [
      [new Uint8Array(maxBody), 201],
      [new Uint8Array(maxBody + 1), 413],
    ] as const)
      for (const body of [bytes, chunked(bytes), formWith(bytes)])
        assert.equal((await post(service.url, body)).status, status)
  })

  test('has a limited amount of other things around it', async () => {
    await using service = await serve([files(receive)])
    const field = formWith(new Uint8Array(10))
    field.set('a', 'x'.repeat(64 * KiB + 1))
    assert.deepEqual((await post(service.url, field)).body.code, 'too_large')
    const around = `${'x'.repeat(maxBody + 130 * KiB)}\r\n${partHead}x\r\n--b--`
    const [name = '', value = ''] = multipartType.split(': ')
    assert.deepEqual((await post(service.url, around, { [name]: value })).body.code, 'too_large')
  })

  test('that is not there, is there twice or where none is asked for is 422', async () => {
    await using service = await serve([files(receive)])
    const [none, twice, elsewhere] = [new FormData(), formWith(new Uint8Array(1)), new FormData()]
    none.set('a', '1')
    twice.append('file', new File([], 'b'))
    elsewhere.set('picture', new File([], 'b'))
    for (const [form, field, message] of [
      [none, 'file', 'is required, as a file'],
      [twice, 'file', 'must be given once'],
      [elsewhere, 'picture', 'must be text, not a file'],
    ] as const) {
      const { status, body } = await post(service.url, form)
      assert.deepEqual([status, body.errors], [422, [{ field, message }]])
    }
  })

  test('never counts as whole when its body does not end, or ends in rubbish', async () => {
    let whole = 0
    await using service = await serve([
      files(async (upload) => {
        const reply = await receive(upload)
        whole++
        return reply
      }),
    ])
    const [name = '', value = ''] = multipartType.split(': ')
    for (const end of ['', '\r\n--b', '\r\n--b\r\nrubbish\r\n\r\n', '\r\n--bx', '\r\n--b\r\n'])
      assert.equal((await post(service.url, `${partHead}content${end}`, { [name]: value })).status, 400, end)
    assert.equal(whole, 0)
    assert.equal((await post(service.url, `${partHead}content\r\n--b--`, { [name]: value })).status, 201)
    assert.equal(whole, 1)
  })

  test('is taken no faster than it is used, and never held whole', async () => {
    const bytes = randomBytes(32 * MiB)
    for (const [type, before, after] of [
      [multipartType, partHead, '\r\n--b--'],
      ['Content-Type: image/png', '', ''],
    ] as const) {
      const open = Promise.withResolvers<void>()
      const seen = Promise.withResolvers<{ content: Upload['content']; request: IncomingMessage }>()
      let held = 0
      const route = files(
        async ({ content }, request) => {
          seen.resolve({ content, request })
          await open.promise
          const hash = createHash('sha256')
          for await (const chunk of content) {
            held = Math.max(held, content.readableLength)
            hash.update(chunk)
            await new Promise(setImmediate)
          }
          return jsonReply(201, { sha256: hash.digest('hex') })
        },
        { maxBody: 64 * MiB },
      )
      await using service = await serve([route])
      const connection = await openRaw(service.url)
      const length = before.length + bytes.length + after.length
      connection.write(head(type, 'Connection: close', `Content-Length: ${length}`))
      for (const piece of [before, bytes, after]) connection.write(piece)
      const { request } = await seen.promise
      let [last, looks] = [request.socket.bytesRead, 0]
      await eventually('nothing more is read', () => {
        looks = request.socket.bytesRead === last ? looks + 1 : 0
        last = request.socket.bytesRead
        return looks === 10
      })
      assert.ok(last < MiB, `${last} bytes were read`)
      open.resolve()
      const answer = parseRaw(await connection.ended)
      assert.deepEqual([answer.status, answer.body.sha256], [201, digest(bytes)])
      assert.ok(held <= 192 * KiB, `${held} bytes were held`)
    }
  })
})

describe('a file that does not come to its end', () => {
  test('because the client leaves: whoever writes it is told, and nobody else', async () => {
    const outcomes: unknown[] = []
    const entered: (() => void)[] = []
    const route = files(async (upload) => {
      entered.shift()?.()
      try {
        return await receive(upload)
      } catch (error) {
        outcomes.push((error as Error).name)
        throw error
      }
    })
    await using service = await serve([route])
    for (const [type, begin] of [
      [multipartType, partHead],
      ['Content-Type: image/png', ''],
    ] as const) {
      const begun = new Promise<void>((resolve) => entered.push(resolve))
      const connection = await openRaw(service.url)
      connection.write(`${head(type, 'Content-Length: 1000')}${begin}content`)
      await begun
      connection.socket.resetAndDestroy()
    }
    await eventually('both are logged', () => service.logged('request').length === 2)
    assert.deepEqual(outcomes, ['ClientGone', 'ClientGone'])
    assert.deepEqual(
      service.logged('request').map(({ status }) => status),
      [499, 499],
    )
    assert.deepEqual(service.logged('request_failed'), [])
  })

  test('because the client leaves before anybody reads it', async () => {
    const [entered, release] = [Promise.withResolvers<Upload>(), Promise.withResolvers<void>()]
    const route = files(async (upload) => {
      entered.resolve(upload)
      await release.promise
      return receive(upload)
    })
    await using service = await serve([route])
    const connection = await openRaw(service.url)
    connection.write(`${head('Content-Length: 1000')}content`)
    const { content } = await entered.promise
    connection.socket.resetAndDestroy()
    await eventually('it has failed', () => content.destroyed)
    release.resolve()
    await eventually('it is logged', () => service.logged('request').length === 1)
    assert.equal(service.logged('request')[0]?.status, 499)
  })

  test('because the client leaves, wherever in it that is: nothing is left behind', async () => {
    const contents: Upload['content'][] = []
    let whole = 0
    const route = files(async (upload) => {
      contents.push(upload.content)
      const reply = await receive(upload)
      whole++
      return reply
    })
    await using service = await serve([route])
    const asPart = `${partHead}${'x'.repeat(100_000)}\r\n--b--`
    let left = 0
    for (const [type, body] of [
      [multipartType, asPart],
      ['Content-Type: image/png', 'x'.repeat(100_000)],
    ] as const) {
      const ends = [0, 1, 40, partHead.length, partHead.length + 1, 65_536, body.length - 5, body.length - 1]
      for (const leave of ['destroy', 'end'] as const)
        for (const end of ends) {
          const connection = await openRaw(service.url)
          connection.write(head(type, `Content-Length: ${body.length}`) + body.slice(0, end))
          await new Promise((resolve) => connection.socket.write('', resolve))
          connection.socket[leave]()
          await connection.ended
          left++
        }
    }
    await eventually('all are logged', () => service.logged('request').length === left)
    assert.deepEqual(new Set(service.logged('request').map(({ status }) => status)), new Set([499]))
    assert.equal(whole, 0)
    assert.ok(contents.length > 20 && contents.every((content) => content.destroyed))
  })

  test('because it takes too long: 408', async () => {
    const route = files(receive, { maxBody, maxBodyMs: 100 })
    await using service = await serve([route])
    const connection = await openRaw(service.url)
    connection.write(`${head(multipartType, 'Content-Length: 1000')}${partHead}content`)
    const answer = parseRaw(await connection.until((text) => text.includes('}')))
    assert.deepEqual([answer.status, answer.body.code], [408, 'timeout'])
    connection.socket.destroy()
  })

  test('because there is no room for it: 507, while the client sends on, and the connection serves on', async () => {
    const full = new ChatError('storage_full', 'The disk is full.')
    const route = files(async ({ content }) => {
      await pipeline(
        content,
        new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => done(full) }),
      )
      return assert.fail('it has no end')
    })
    await using service = await serve([route, get('/next', async () => jsonReply(200, {}))])
    const connection = await openRaw(service.url)
    const bytes = Buffer.alloc(maxBody)
    connection.write(head(`Content-Length: ${bytes.length}`))
    connection.write(bytes.subarray(0, 100))
    const refused = parseRaw(await connection.until((text) => text.includes('}')))
    assert.deepEqual([refused.status, refused.body.code], [507, 'storage_full'])
    connection.write(bytes.subarray(100))
    connection.write('GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    assert.equal(parseRaw(await connection.ended).status, 200)
  })

  test('because nobody wants it: the answer comes, and the connection serves on', async () => {
    const contents: Upload['content'][] = []
    const route = files(async ({ content }) => {
      contents.push(content)
      // So much has come that no more is read.
      if (contents.length === 1) await eventually('it is full', () => content.readableLength >= 64 * KiB)
      return jsonReply(200, { wanted: false })
    })
    await using service = await serve([route])
    const connection = await openRaw(service.url)
    const bytes = Buffer.alloc(maxBody)
    connection.write(head(`Content-Length: ${bytes.length}`))
    connection.write(bytes)
    connection.write(head('Connection: close', 'Content-Length: 0'))
    assert.equal((await connection.ended).match(/HTTP\/1\.1 200/g)?.length, 2)
    assert.equal(contents[0]?.destroyed, true)
  })

  test('for who asks first whether it may send it is told at once', async () => {
    await using service = await serve([files(receive)])
    const refused = await openRaw(service.url)
    refused.write(head('Expect: 100-continue', `Content-Length: ${maxBody + 1}`))
    assert.equal(parseRaw(await refused.ended).status, 413)
    const taken = await openRaw(service.url)
    taken.write(head('Expect: 100-continue', 'Content-Length: 4', 'Connection: close'))
    await taken.until((text) => text === 'HTTP/1.1 100 Continue\r\n\r\n')
    taken.write('file')
    assert.deepEqual([parseRaw(await taken.ended).body.size], [4])
  })
})
