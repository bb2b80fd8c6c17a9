import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, describe, test } from 'node:test'
import { roomId } from '../../src/chat/ids.ts'
import { type PageFacts, withFacts } from '../../src/http/page-facts.ts'
import { startService } from '../support/service.ts'

const service = await startService()
after(() => service[Symbol.asyncDispose]())

const get = (path: string, headers: Record<string, string> = {}) => fetch(service.url + path, { headers })
const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

const policyOf = ({ headers }: Response) =>
  new Map(
    (headers.get('content-security-policy') ?? '').split('; ').map((directive): [string, string] => {
      const [name = '', ...values] = directive.split(' ')
      return [name, values.join(' ')]
    }),
  )

const hashesIn = (html: string, element: string) =>
  [...html.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))]
    .map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
    .join(' ')

const place = '<script type="application/json" id="service">null</script>'
const factsIn = (html: string): PageFacts =>
  JSON.parse(/<script type="application\/json" id="service">(.*?)<\/script>/s.exec(html)?.[1] ?? 'null')

describe('the chat page', () => {
  test('may run and show what it came with, and reach this service alone', async () => {
    const answer = await get('/chat-ui')
    const html = await answer.text()
    const policy = policyOf(answer)
    assert.equal(policy.get('script-src'), hashesIn(html, 'script'))
    assert.equal(policy.get('style-src'), hashesIn(html, 'style'))
    for (const [name, value] of [
      ['default-src', "'none'"],
      ['connect-src', "'self'"],
      ['img-src', "'self' data: blob:"],
      ['worker-src', "'self'"],
      ['manifest-src', "'self'"],
      ['frame-ancestors', "'none'"],
      ['form-action', "'none'"],
      ['base-uri', "'none'"],
      ['require-trusted-types-for', "'script'"],
      ['trusted-types', 'chat-worker'],
    ] as const)
      assert.equal(policy.get(name), value, name)
    assert.doesNotMatch(answer.headers.get('content-security-policy') ?? '', /unsafe|\*|https?:/)
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
    assert.equal(answer.headers.get('referrer-policy'), 'no-referrer')
  })

  test('learns what it needs to know of the service, whatever that is spelt like', async () => {
    const facts = factsIn(await (await get('/chat-ui')).text())
    assert.deepEqual(facts, {
      prefix: '/api/chat',
      accounts: true,
      environment: 'development',
      testUsers: [],
      push: false,
      websocketTest: true,
      home: { id: roomId('general'), name: 'general' },
      version: facts.version,
    })
    assert.match(facts.version, /^\d+\.\d+\.\d+$/)
    const hostile = { ...facts, prefix: '/$&</script><script>' }
    const page = withFacts(await (await get('/chat-ui')).text(), hostile)
    assert.deepEqual(factsIn(page), facts, 'what is filled in is no place any more')
    assert.deepEqual(factsIn(withFacts(place, hostile)), hostile)
    assert.doesNotMatch(withFacts(place, hostile), /<script>/)
  })

  test('is sent compressed to who takes it, and not again to who has it', async () => {
    const plain = await get('/chat-ui', { 'accept-encoding': 'identity' })
    const html = await plain.text()
    assert.equal(plain.headers.get('content-encoding'), null)
    for (const encodings of ['gzip, deflate, br', 'br;q=1, *;q=0.1', 'gzip;q=0.5']) {
      const answer = await get('/chat-ui', { 'accept-encoding': encodings })
      assert.equal(answer.headers.get('content-encoding'), 'gzip', encodings)
      assert.match(answer.headers.get('vary') ?? '', /Accept-Encoding/)
      assert.ok(Number(answer.headers.get('content-length')) < html.length / 2)
      assert.equal(await answer.text(), html)
    }
    for (const encodings of ['gzip;q=0', 'deflate', '*;q=0', ''])
      assert.equal(
        (await get('/chat-ui', { 'accept-encoding': encodings })).headers.get('content-encoding'),
        null,
      )
    const tag = plain.headers.get('etag') ?? ''
    const again = await get('/chat-ui', { 'if-none-match': tag })
    assert.deepEqual([again.status, await again.text()], [304, ''])
    assert.equal(again.headers.get('cache-control'), 'no-cache')
    assert.equal((await get('/', { accept, 'if-none-match': tag })).status, 304)
    assert.equal((await get('/chat-ui', { 'if-none-match': '"another"' })).status, 200)
  })

  test('can be installed: all that its manifest names is there', async () => {
    const answer = await get('/manifest.webmanifest')
    assert.equal(answer.headers.get('content-type'), 'application/manifest+json')
    const manifest = (await answer.json()) as {
      start_url: string
      display: string
      icons: { src: string; type: string; sizes: string; purpose?: string }[]
    }
    assert.deepEqual([manifest.start_url, manifest.display], ['/chat-ui', 'standalone'])
    for (const { src, type, sizes } of manifest.icons) {
      const icon = await get(src)
      assert.deepEqual([icon.status, icon.headers.get('content-type')], [200, type], src)
      if (type !== 'image/png') continue
      const bytes = Buffer.from(await icon.arrayBuffer())
      assert.equal(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, sizes, src)
    }
    assert.ok(manifest.icons.some(({ purpose }) => purpose === 'maskable'))
    assert.deepEqual(
      new Set(manifest.icons.map(({ sizes }) => sizes)),
      new Set(['any', '192x192', '512x512']),
    )
  })

  test('has a worker with a policy of its own', async () => {
    const answer = await get('/chat-worker.js')
    assert.match(answer.headers.get('content-type') ?? '', /^text\/javascript/)
    assert.equal(answer.headers.get('content-security-policy'), "default-src 'none'; connect-src 'self'")
    assert.match(await answer.text(), /chat-page-/)
  })
})

test('CHAT_PAGE=off leaves the page out: a browser gets an index, which may run nothing', async () => {
  await using without = await startService({ CHAT_PAGE: 'off' })
  for (const path of ['/chat-ui', '/chat-worker.js', '/manifest.webmanifest', '/icon.svg'])
    assert.equal((await fetch(without.url + path)).status, 404, path)
  const answer = await fetch(`${without.url}/`, { headers: { accept } })
  assert.deepEqual(
    [policyOf(answer).get('default-src'), policyOf(answer).get('script-src')],
    ["'none'", undefined],
  )
  const html = await answer.text()
  assert.match(html, /<a href="\/health">/)
  assert.doesNotMatch(html, /chat-ui|<script/)
  const { links } = (await (await fetch(`${without.url}/`)).json()) as { links: Record<string, string> }
  assert.equal(links.chat, undefined)
})

test('the index tells where the pages and the library are', async () => {
  const { links } = (await (await get('/')).json()) as { links: Record<string, string> }
  assert.deepEqual(
    [links.chat, links.websocket_test, links.client],
    ['/chat-ui', '/websocket-test', '/client.js'],
  )
})

test('production has the chat page, and the tester where it is asked for', async () => {
  const production = { ENVIRONMENT: 'production', JWT_SECRET: 'Yk3vQ8xw2mN7pR4tZ9bL6cH1dF5gJ0sA' }
  await using quiet = await startService(production)
  assert.equal((await fetch(`${quiet.url}/websocket-test`)).status, 404)
  const page = factsIn(await (await fetch(`${quiet.url}/chat-ui`)).text())
  assert.deepEqual([page.environment, page.accounts, page.websocketTest], ['production', false, false])
  await using asked = await startService({ ...production, WEBSOCKET_TEST: 'on', API_PREFIX: '/v2' })
  const tester = await fetch(`${asked.url}/websocket-test`)
  assert.equal(tester.status, 200)
  assert.equal(factsIn(await (await fetch(`${asked.url}/chat-ui`)).text()).prefix, '/v2')
})
