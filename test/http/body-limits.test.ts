import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { Type } from 'typebox'
import { ChatError } from '../../src/domain/errors.ts'
import { json } from '../../src/http/body.ts'
import { jsonReply } from '../../src/http/reply.ts'
import { publicRoute, type Route } from '../../src/http/route.ts'
import { eventually } from '../support/eventually.ts'
import { openRaw, parseRaw, sendRaw } from './raw.ts'
import { serve } from './serve.ts'

/** Takes JSON within limits of its own. The service's are 1,024 bytes and what `serve` is told. */
const take = (path: string, limits: Pick<Route, 'maxBody' | 'maxBodyMs'>): Route =>
  publicRoute({
    method: 'POST',
    path,
    name: path.slice(1),
    about: '',
    body: json(Type.Object({})),
    answers: {},
    errors: [],
    handle: () => jsonReply(200, {}),
    ...limits,
  })

const ofLength = (bytes: number) => `{}${' '.repeat(bytes - 2)}`
const head = (path: string, ...fields: string[]) =>
  [`POST ${path} HTTP/1.1`, 'Host: x', 'Content-Type: application/json', ...fields, '\r\n'].join('\r\n')

describe('how large a body may be', () => {
  test('belongs to its route', async () => {
    await using service = await serve([take('/usual', {}), take('/large', { maxBody: 4_096 })])
    const post = async (path: string, bytes: number) => {
      const response = await fetch(service.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: ofLength(bytes),
      })
      const { detail } = (await response.json()) as { detail?: string }
      return [response.status, detail]
    }
    assert.deepEqual(await post('/usual', 1_024), [200, undefined])
    assert.deepEqual(await post('/usual', 1_025), [413, 'The body may have at most 1024 bytes.'])
    assert.deepEqual(await post('/large', 4_096), [200, undefined])
    assert.deepEqual(await post('/large', 4_097), [413, 'The body may have at most 4096 bytes.'])
  })

  test('a client that reads nothing before it has sent three times as much gets its answer', async () => {
    const MiB = 1024 * 1024
    await using service = await serve([take('/large', { maxBody: 10 * MiB })])
    const connection = await openRaw(service.url)
    connection.socket.pause()
    const failures: unknown[] = []
    connection.socket.on('error', (error) => failures.push(error))
    const body = Buffer.alloc(30 * MiB, ' ')
    connection.write(head('/large', `Content-Length: ${body.length}`))
    await new Promise((resolve) => connection.socket.write(body, resolve))
    connection.socket.resume()
    const answer = parseRaw(await connection.ended)
    assert.deepEqual([answer.status, answer.body.code, failures], [413, 'too_large', []])
  })

  test('a client that may take long to send may take long to come to its answer', async () => {
    await using service = await serve([take('/usual', {}), take('/patient', { maxBodyMs: 60_000 })])
    const [usual, patient] = [await openRaw(service.url), await openRaw(service.url)]
    usual.write(`${head('/usual', 'Content-Length: 1025')}{`)
    patient.write(`${head('/patient', 'Content-Length: 1025')}{`)
    assert.equal(parseRaw(await usual.ended).status, 413)
    assert.equal(patient.socket.readyState, 'open')
    patient.write(ofLength(1_024))
    assert.equal(parseRaw(await patient.ended).status, 413)
  })
})

describe('how long a body may take', () => {
  test('belongs to its route: a slow one is 408, and logged as such', async () => {
    const routes = [take('/usual', {}), take('/patient', { maxBodyMs: 60_000 })]
    await using service = await serve(routes, { headersMs: 60_000, bodyMs: 100, stallMs: 60_000 })
    const patient = await openRaw(service.url)
    patient.write(`${head('/patient', 'Content-Length: 2', 'Connection: close')}{`)
    const usual = await sendRaw(service.url, `${head('/usual', 'Content-Length: 2')}{`)
    assert.deepEqual([usual.status, usual.body.code], [408, 'timeout'])
    assert.equal(usual.headers.get('connection'), 'close')
    patient.write('}')
    assert.equal(parseRaw(await patient.ended).status, 200)
    assert.deepEqual(
      service.logged('request').map(({ status, code }) => [status, code]),
      [
        [408, 'timeout'],
        [200, undefined],
      ],
    )
  })

  test('a route may have less of it', async () => {
    const routes = [take('/short', { maxBodyMs: 50 })]
    await using service = await serve(routes, { headersMs: 60_000, bodyMs: 60_000, stallMs: 60_000 })
    assert.equal((await sendRaw(service.url, `${head('/short', 'Content-Length: 2')}{`)).status, 408)
  })

  test('it is over when nothing comes any more, however long the route would wait', async () => {
    const routes = [take('/patient', { maxBodyMs: 60_000 })]
    await using service = await serve(routes, { headersMs: 60_000, bodyMs: 60_000, stallMs: 100 })
    const answer = await sendRaw(service.url, `${head('/patient', 'Content-Length: 2')}{`)
    assert.deepEqual([answer.status, answer.body.code], [408, 'timeout'])
  })

  test('a body that is not read has its time too', async () => {
    const asked = Promise.withResolvers<void>()
    const refuse: Route = {
      ...take('/refuse', {}),
      auth: true,
      handle: () => assert.fail('nobody gets here'),
    }
    await using service = await serve(
      [refuse],
      { headersMs: 60_000, bodyMs: 100, stallMs: 60_000 },
      async () => {
        asked.resolve()
        throw new ChatError('unauthenticated', 'nobody')
      },
    )
    const connection = await openRaw(service.url)
    connection.write(`${head('/refuse', 'Authorization: Bearer x', 'Content-Length: 1000')}{`)
    await asked.promise
    assert.equal(parseRaw(await connection.until((text) => text.includes('}'))).status, 401)
    await connection.ended
  })

  test('one that comes after its time, for it took long to know who sends it, is 408', async () => {
    const checked = Promise.withResolvers<void>()
    const route: Route = { ...take('/body', {}), auth: true }
    await using service = await serve(
      [route],
      { headersMs: 60_000, bodyMs: 50, stallMs: 60_000 },
      async () => {
        await checked.promise
        return { userId: 'ann', admin: false, expiresAt: Number.POSITIVE_INFINITY }
      },
    )
    const connection = await openRaw(service.url)
    const started = performance.now()
    connection.write(`${head('/body', 'Authorization: Bearer x', 'Content-Length: 2')}{`)
    await eventually('its time is over', () => performance.now() - started > 100)
    checked.resolve()
    assert.equal(parseRaw(await connection.ended).status, 408)
  })

  test('a request that waits for the answer before it has its time from its turn on', async () => {
    const [entered, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const slow: Route = {
      ...take('/slow', {}),
      async handle() {
        entered.resolve()
        await release.promise
        return jsonReply(200, {})
      },
    }
    await using service = await serve([slow, take('/next', {})], {
      headersMs: 60_000,
      bodyMs: 200,
      stallMs: 60_000,
    })
    const connection = await openRaw(service.url)
    connection.write(`${head('/slow', 'Content-Length: 2')}{}`)
    await entered.promise
    const started = performance.now()
    connection.write(`${head('/next', 'Content-Length: 2', 'Connection: close')}{`)
    await eventually('it would be over', () => performance.now() - started > 300)
    release.resolve()
    await connection.until((text) => text.includes('200 OK'))
    connection.write('}')
    await once(connection.socket, 'close')
    assert.equal((await connection.ended).match(/200 OK/g)?.length, 2)
  })
})
