import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { apiOf } from '../support/api.ts'
import { freePort, spawnService, temporaryFolder } from '../support/process.ts'
import { startService } from '../support/service.ts'
import { openPage, withoutBrowser } from './browser.ts'

const skip = withoutBrowser()
const evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>'

/** The text of each row of a table, of one column. */
const column = (page: Page, table: string, index: number): Promise<string[]> =>
  page.locator(`#${table} tbody tr td:nth-child(${index})`).allInnerTexts()

const numbers = (texts: readonly string[]) => texts.map((text) => Number(text.replace(/,/g, '')))

test('the dashboard sorts, filters and copies, and runs nothing of what users wrote', { skip }, async () => {
  await using service = await startService()
  const ann = await service.api('ann')
  const group = await ann.createGroup(evil, ['bob'])
  for (let i = 0; i < 5; i++) await ann.send(group.id, evil)
  await ann.call('GET', '/groups')
  await ann.call('GET', '/groups/000000000000000000000000', {
    headers: { 'x-correlation-id': 'look-for-me' },
  })
  await using socket = await disposable(await service.socket('bob', `/ws/${group.id}`))
  await socket.next('connected')
  await using opened = await openPage(`${service.url}/dashboard`)
  const { page, errors, strangers } = opened

  await page.getByText('live, development').waitFor()
  assert.equal(
    await page.locator('#status .figure').filter({ hasText: 'API' }).locator('dd').textContent(),
    'ready',
  )
  assert.deepEqual(await column(page, 'active-groups', 1), [evil])

  await page.getByRole('button', { name: 'count' }).first().click()
  const ascending = numbers(await column(page, 'endpoints', 2))
  assert.deepEqual(
    ascending,
    ascending.toSorted((a, b) => a - b),
  )
  for (const [index, name] of ['endpoint', 'count', 'errors', '4xx', 'error rate'].entries()) {
    const head = page.locator('#endpoints th').nth(index)
    await head.getByRole('button', { name }).click()
    const sorted = await head.getAttribute('aria-sort')
    const cells = await column(page, 'endpoints', index + 1)
    const expected = cells.toSorted((a, b) =>
      index === 0 ? a.localeCompare(b) : Number.parseFloat(a) - Number.parseFloat(b),
    )
    assert.deepEqual(cells, sorted === 'ascending' ? expected : expected.toReversed(), name)
  }

  await page.keyboard.press('/')
  await page.keyboard.type('look-for-me')
  assert.deepEqual(await column(page, 'refused', 9), ['look-for-me'])
  assert.equal(await page.locator('#endpoints .empty').isVisible(), true)
  await page.locator('#refused').getByRole('button', { name: 'look-for-me' }).click()
  await page.getByText('copied look-for-me').waitFor()
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'look-for-me')
  await page.keyboard.press('Escape')
  assert.ok((await column(page, 'requests', 7)).length > 5)

  const before = await page.locator('#requests tbody tr').first().textContent()
  await page.getByLabel('1 s', { exact: true }).check()
  await ann.call('GET', `/groups/${group.id}`)
  await page.waitForFunction(
    (text) => document.querySelector<HTMLElement>('#requests tbody tr')?.textContent !== text,
    before,
  )
  await page.getByLabel('off').check()
  await page.getByText(/^paused/).waitFor()

  assert.match(await page.title(), /chat-api$/)
  assert.deepEqual({ errors, strangers }, { errors: [], strangers: [] })
})

test('the page says that it is stale while the service is away, and goes on when it is back', {
  skip,
}, async () => {
  using folder = temporaryFolder()
  const env = { PORT: String(await freePort()) }
  const first = await spawnService(folder.path, env)
  const api = apiOf(first.url, 'ann')
  await api.send((await api.createGroup('group', [])).id, 'hello')
  await using opened = await openPage(`${first.url}/dashboard`)
  const { page, strangers } = opened
  await page.getByText('live, development').waitFor()
  await page.getByLabel('1 s', { exact: true }).check()

  await first.end('SIGTERM')
  await page.getByText(/^stale .*the service does not answer/).waitFor()
  assert.equal(await page.locator('#active-groups tbody tr').count(), 1, 'what was known stays')

  const second = await spawnService(folder.path, env)
  try {
    await page.getByText('live, development').waitFor()
    const requests = page.locator('#status .figure').filter({ hasText: 'requests' }).locator('dd')
    const count = Number(await requests.textContent())
    await api.call('GET', '/groups')
    await page.waitForFunction(
      (than) =>
        [...document.querySelectorAll('#status .figure')].some(
          (figure) =>
            figure.querySelector('dt')?.textContent === 'requests' &&
            Number(figure.querySelector('dd')?.textContent) > than,
        ),
      count,
    )
    assert.deepEqual(strangers, [])
  } finally {
    await second.end('SIGTERM')
  }
})

test('nothing sticks out, from 360 to 2,560 pixels, light and dark', { skip }, async () => {
  await using service = await startService()
  const ann = await service.api('ann')
  await ann.createGroup('x'.repeat(100), [])
  for (const width of [360, 768, 1_440, 2_560])
    for (const colorScheme of ['light', 'dark'] as const) {
      await using opened = await openPage(`${service.url}/dashboard`, { width, colorScheme })
      await opened.page.getByText('live, development').waitFor()
      const wide = await opened.page.evaluate(() => document.documentElement.scrollWidth)
      assert.ok(wide <= width, `${wide} of ${width}`)
      assert.deepEqual(opened.errors, [])
    }
})

test('with DASHBOARD_TOKEN the page is behind a login form', { skip }, async () => {
  const token = 'the token of those on call'
  await using service = await startService({ DASHBOARD_TOKEN: token })
  await using opened = await openPage(`${service.url}/dashboard`)
  const { page } = opened
  const field = page.getByLabel('DASHBOARD_TOKEN')
  await field.fill('wrong')
  await page.keyboard.press('Enter')
  await page.getByText('This is not the token.').waitFor()
  await field.fill(token)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByText('live, development').waitFor()
  assert.equal(await page.evaluate(() => document.cookie), '', 'no script sees the cookie')
})

/** Closes with the test. */
const disposable = <T extends { close(): Promise<void> }>(closable: T): T & AsyncDisposable =>
  Object.assign(closable, { [Symbol.asyncDispose]: () => closable.close() })
