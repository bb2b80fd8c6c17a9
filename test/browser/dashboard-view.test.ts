import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { ChatError } from '../../src/domain/errors.ts'
import { jsonReply } from '../../src/http/reply.ts'
import { publicRoute, type Route } from '../../src/http/route.ts'
import type { Report } from '../../src/observe/report.ts'
import { serveOperations } from '../support/operations.ts'
import { openPage, withoutBrowser } from './browser.ts'

const skip = withoutBrowser()
const groupPath = '/api/chat/groups/6a68bcabc0b2f2dc5b5bd7d6/messages'

const route = (name: string, path: string, handle: Route['handle']): Route =>
  publicRoute({ method: 'GET', path, name, about: '', answers: {}, errors: [], handle })

const routes = [
  route('history', groupPath, () => jsonReply(200, {})),
  route('bug', '/bug', () => {
    throw new TypeError("Cannot read properties of undefined (reading 'seq')")
  }),
  route('away', '/away', () => {
    throw new ChatError('unavailable', 'The database does not answer.')
  }),
]

const cells = (page: Page, table: string, index: number): Promise<string[]> =>
  page.locator(`#${table} tbody tr td:nth-child(${index})`).allInnerTexts()

const figure = (page: Page, label: string) => page.locator('#status .figure').filter({ hasText: label })
const isLive = (page: Page) => page.getByText('live, development').waitFor()

/** The page gets the service's own reports, with this in them. */
const reporting = (change: (report: Report) => void) => (page: Page) =>
  page.route('**/dashboard/api/data*', async (request) => {
    const response = await request.fetch()
    const report = (await response.json()) as Report
    change(report)
    await request.fulfill({ response, json: report })
  })

test('errors stand on top with code and text; paths and correlation ids are whole, and one click copies them', {
  skip,
}, async () => {
  await using server = await serveOperations({ routes })
  const id = 'a-correlation-id.of-the-client.that-is-longer-than-most-0123456789'
  for (const path of ['/away', '/bug']) await fetch(server.url + path)
  await fetch(server.url + groupPath, { headers: { 'x-correlation-id': id } })
  await using opened = await openPage(`${server.url}/dashboard`)
  const { page, errors } = opened
  await isLive(page)

  assert.equal(await page.locator('main > section').first().getAttribute('id'), 'errors')
  assert.deepEqual(await cells(page, 'errors', 2), ['500', '503'])
  assert.deepEqual(await cells(page, 'errors', 3), ['internal', 'unavailable'])
  assert.deepEqual(await cells(page, 'errors', 4), [
    "Cannot read properties of undefined (reading 'seq')",
    'The database does not answer.',
  ])

  assert.deepEqual(await cells(page, 'requests', 4), [groupPath], 'only what succeeded')
  for (const text of [groupPath, id]) {
    const button = page.locator('#requests').getByRole('button', { name: text })
    const hidden = await button.evaluate((element) => element.scrollWidth - element.clientWidth)
    assert.ok(hidden <= 0, `${text} is cut by ${hidden} pixels`)
    await button.click()
    await page.getByText(`copied ${text}`).waitFor()
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), text)
  }
  const time = page.locator('#requests tbody td').first()
  assert.match((await time.getAttribute('title')) ?? '', /^2026-01-01T00:00:00\.000Z$/)
  assert.deepEqual(errors, [])
})

test('not ready is said with its reason, and is not green', { skip }, async () => {
  await using server = await serveOperations({ unready: () => 'the change streams do not answer' })
  await using opened = await openPage(`${server.url}/dashboard`)
  const { page } = opened
  await isLive(page)
  const state = figure(page, 'API')
  assert.equal(await state.locator('dd').textContent(), 'the change streams do not answer')
  assert.equal(await state.getAttribute('data-level'), 'orange')
  const value = await state.locator('dd').evaluate((element) => element.scrollWidth - element.clientWidth)
  assert.ok(value <= 0, 'the reason is not cut off')
  assert.equal(await page.locator('#lamp').getAttribute('data-level'), 'orange')
})

test('slow counts and rows have the colour of the last five minutes', { skip }, async () => {
  await using server = await serveOperations({ routes })
  await fetch(`${server.url}/bug`)
  let isOver = false
  await using opened = await openPage(`${server.url}/dashboard`, {
    prepare: reporting(({ performance, endpoints }) => {
      performance.slow_requests = isOver ? 0 : 2
      performance.total.slow_requests = 2
      if (isOver) for (const endpoint of endpoints) endpoint.lately = null
    }),
  })
  const { page } = opened
  await isLive(page)
  const slow = page.locator('#performance .figure').filter({ hasText: 'slow / very slow' })
  const errors = page.locator('#endpoints tbody td:nth-child(3)').first()
  assert.equal(await slow.getAttribute('data-level'), 'orange')
  assert.equal(await errors.getAttribute('data-level'), 'red')
  isOver = true
  await page.getByLabel('1 s', { exact: true }).check()
  await page.locator('#performance .figure[data-level=green]').filter({ hasText: 'slow /' }).waitFor()
  assert.equal(await errors.getAttribute('data-level'), null)
  assert.equal(await errors.textContent(), '1', 'it is still counted')
  assert.equal((await page.locator('#endpoints tbody td.dim').count()) > 0, true)
})

test('a stale page is not green, nor one that was paused a while ago', { skip }, async () => {
  await using server = await serveOperations({ routes })
  let fails = false
  await using opened = await openPage(`${server.url}/dashboard`, {
    prepare: async (page) => {
      await page.clock.install()
      await page.route('**/dashboard/api/data*', (request) => (fails ? request.abort() : request.continue()))
    },
  })
  const { page } = opened
  await isLive(page)
  const looks = () =>
    page.evaluate(() => ({
      lamp: document.getElementById('lamp')?.dataset.level,
      isGrey: getComputedStyle(document.querySelector('main') as HTMLElement).filter === 'grayscale(1)',
      title: document.title,
    }))
  assert.deepEqual(await looks(), { lamp: 'green', isGrey: false, title: '● chat-api' })

  await page.getByLabel('off').check()
  await page.getByText(/^paused/).waitFor()
  await page.clock.fastForward(20_000)
  await page.getByText(/^paused, 2\ds old/).waitFor()
  assert.deepEqual(await looks(), { lamp: 'none', isGrey: true, title: '○ chat-api' })

  await page.getByLabel('10 s', { exact: true }).check()
  await isLive(page)
  assert.equal((await looks()).lamp, 'green')
  fails = true
  await page.clock.fastForward(11_000)
  await page.getByText(/^stale .*does not answer/).waitFor()
  assert.deepEqual(await looks(), { lamp: 'red', isGrey: true, title: '■ chat-api' })
})

test('a picture tells the time of what is pointed at, stays zoomed, and its legend is never blank', {
  skip,
}, async () => {
  await using server = await serveOperations({ routes })
  let reports = 0
  await using opened = await openPage(`${server.url}/dashboard`, {
    prepare: reporting(({ status, performance }) => {
      reports++
      const at = reports === 1 ? Array.from({ length: 180 }, (_, i) => status.at - (180 - i) * 10_000) : []
      const history = performance.history as Record<string, (number | null)[]>
      for (const name of Object.keys(history)) history[name] = at.map((_, i) => i)
      history.at = at
      status.at += reports * 10_000
    }),
  })
  const { page, errors } = opened
  await isLive(page)
  const legend = page.locator('#picture-requests .u-legend')
  const values = () => legend.locator('.u-value').allInnerTexts()
  const latest = await values()
  assert.match(latest[0] ?? '', /^\d\d:\d\d:\d\d$/)
  assert.deepEqual(latest.slice(1), ['179/s', '179/s'])

  const over = page.locator('#picture-requests .u-over')
  const box = await over.boundingBox()
  assert.ok(box)
  const at = (share: number) => [box.x + box.width * share, box.y + box.height / 2] as const
  await page.mouse.move(...at(0.75))
  const pointed = await values()
  assert.notEqual(pointed[0], latest[0])
  assert.match(pointed[0] ?? '', /^\d\d:\d\d:\d\d$/)
  await page.mouse.move(5, 5)
  assert.deepEqual(await values(), latest, 'who no longer points sees the latest')

  const timeAt = async (share: number) => {
    await page.mouse.move(...at(share))
    return (await values())[0]
  }
  const [from, to] = [await timeAt(0.6), await timeAt(0.9)]
  await page.mouse.move(...at(0.6))
  await page.mouse.down()
  await page.mouse.move(...at(0.9), { steps: 5 })
  await page.mouse.up()
  const near = async (share: number, expected: string | undefined) => {
    const seconds = (clock = '') => clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
    const found = await timeAt(share)
    assert.ok(Math.abs(seconds(found) - seconds(expected)) <= 30, `${found}, not ${expected}`)
  }
  await near(0.005, from)
  await near(0.995, to)
  const seen = reports
  await page.getByLabel('1 s', { exact: true }).check()
  await page.mouse.move(5, 5)
  for (let i = 0; reports < seen + 3; i++) {
    assert.ok(i < 200)
    await page.waitForResponse('**/dashboard/api/data*')
  }
  await near(0.005, from)
  await near(0.995, to)
  await over.dblclick()
  await near(0.6, from)
  assert.deepEqual(errors, [])
})

test('the pictures show a quarter of an hour, one, six hours or a day', { skip }, async () => {
  await using server = await serveOperations({ routes })
  await using opened = await openPage(`${server.url}/dashboard`)
  const { page, errors } = opened
  await isLive(page)
  for (const [label, range] of [
    ['24 h', '24h'],
    ['6 h', '6h'],
    ['15 min', '15m'],
    ['1 h', '1h'],
  ] as const) {
    const asked = page.waitForResponse(`**/dashboard/api/data?range=${range}&after=0`)
    await page.getByLabel(label, { exact: true }).check()
    assert.equal((await asked).status(), 200)
  }
  assert.deepEqual(errors, [])
})

test('changes, limits that were hit and how many are in a group are shown, in any window', {
  skip,
}, async () => {
  await using server = await serveOperations()
  const { metrics } = server
  for (const type of ['member_banned', 'member_added', 'member_added']) metrics.changed(type)
  metrics.rateLimited('joins')
  for (const width of [390, 1_400]) {
    await using opened = await openPage(`${server.url}/dashboard`, {
      width,
      prepare: reporting(({ performance, database }) => {
        performance.actions.rate_limited.push({ what: 'connections', count: 1_234_567, lately: 0 })
        const group = {
          id: '6a68bcabc0b2f2dc5b5bd7d6',
          name: 'n'.repeat(200),
          messages: 1,
          deleted: 0,
          last_activity: new Date(0).toISOString(),
        }
        database.most_active_groups = [
          { ...group, kind: 'group', visibility: 'open', members: 9_999 },
          { ...group, id: 'direct', name: '', kind: 'direct', visibility: 'private', members: 2 },
        ]
      }),
    })
    const { page, errors } = opened
    await isLive(page)
    const table = (id: string, columns: number[]) =>
      Promise.all(columns.map((index) => cells(page, id, index)))
    assert.deepEqual(await table('changes', [1, 2, 3]), [
      ['member_added', 'member_banned'],
      ['2', '1'],
      ['2', '1'],
    ])
    assert.deepEqual(await table('rate-limits', [1, 2, 3]), [
      ['joins', 'connections'],
      ['1', '0'],
      ['1', '1,234,567'],
    ])
    const lately = page.locator('#rate-limits tbody td:nth-child(2)')
    assert.deepEqual(
      await lately.evaluateAll((all) => all.map((cell) => (cell as HTMLElement).dataset.level ?? null)),
      ['orange', null],
      'a limit that was hit just now',
    )
    assert.deepEqual(await table('active-groups', [2, 3]), [
      ['open', 'direct'],
      ['9,999', '2'],
    ])
    const beyond = await page.evaluate(() =>
      ['changes', 'rate-limits']
        .map((id) => document.querySelector(`#${id} .scroll`) as HTMLElement)
        .concat(document.documentElement)
        .map((element) => element.scrollWidth - element.clientWidth),
    )
    assert.deepEqual(beyond, [0, 0, 0], `at ${width} nothing is cut off`)
    assert.deepEqual(errors, [])
  }
})

test('on a phone a table hints at the columns that are out of sight', { skip }, async () => {
  await using server = await serveOperations({ routes })
  await fetch(server.url + groupPath)
  await using opened = await openPage(`${server.url}/dashboard`, { width: 360 })
  const { page } = opened
  await isLive(page)
  await page.locator('#requests.more').waitFor()
  await page.locator('#requests .scroll').evaluate((element) => element.scrollTo(10_000, 0))
  await page.locator('#requests:not(.more)').waitFor()
})
