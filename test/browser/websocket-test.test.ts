import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { apis } from '../../dashboard/websocket-test/apis.ts'
import { testUsers } from '../../src/domain/test-user.ts'
import { eventually } from '../support/eventually.ts'
import { root, tokenFor } from '../support/process.ts'
import { startService } from '../support/service.ts'
import { openPage, withoutBrowser } from './browser.ts'

const skip = withoutBrowser()
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const service = await startService()
after(() => service[Symbol.asyncDispose]())
const socketUrl = `${service.base.replace('http', 'ws')}/ws`

const field = (page: Page, name: string) => page.getByRole('textbox', { name, exact: true })
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const rows = (page: Page) => page.getByRole('log', { name: 'Frames' }).locator('> *')
const row = (page: Page, text: string | RegExp) => rows(page).filter({ hasText: text })

async function connect(page: Page, token: string): Promise<void> {
  await field(page, 'Token').fill(token)
  await button(page, 'Connect').click()
  await row(page, '"type": "connected"').waitFor()
}

async function send(page: Page, type: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Frame' }).selectOption(type)
  await button(page, 'Send').click()
}

describe('the tester', { skip }, () => {
  test('knows the address of its service, connects, and shows what comes in', async () => {
    const { owner, group } = await service.group('amy')
    await using opened = await openPage(`${service.url}/websocket-test`)
    const { page, errors, strangers } = opened
    assert.equal(await field(page, 'URL').inputValue(), socketUrl)
    assert.equal(await page.getByRole('combobox', { name: 'API' }).inputValue(), 'core')
    await connect(page, await tokenFor('amy'))
    assert.equal(await page.getByRole('status', { name: 'Connection' }).textContent(), 'connected')
    await owner.send(group.id, 'said elsewhere')
    const heard = row(page, 'said elsewhere')
    await heard.waitFor()
    assert.match((await heard.textContent()) ?? '', /^\d\d:\d\d:\d\d\.\d{3} ↓ received \d+ B\{\n {2}"type"/)
    await button(page, 'Disconnect').click()
    await row(page, /closed.*1000 normal: you left/s).waitFor()
    await button(page, 'Connect').waitFor()
    assert.deepEqual([errors, strangers], [[], []])
  })

  test('has a template for each frame, and the service takes each of them', async () => {
    const { group } = await service.group('ben')
    await using opened = await openPage(`${service.url}/websocket-test`)
    const { page, errors } = opened
    const types = Object.keys(apis[0]?.frames ?? {})
    const options = page.getByRole('combobox', { name: 'Frame' }).locator('option')
    assert.deepEqual(await options.allTextContents(), types)
    await connect(page, await tokenFor('ben'))
    await eventually('the group is known', async () =>
      (await field(page, 'JSON').inputValue()).includes(group.id),
    )
    let answers = await rows(page).count()
    // A message is there to be changed until it is deleted; typing is not answered.
    for (const type of [...types.filter((each) => each !== 'delete'), 'delete']) {
      await send(page, type)
      const answer = type === 'ping' ? '"pong"' : '"ack"'
      if (type === 'typing') continue
      answers++
      await eventually(`${type} is answered`, async () => {
        assert.equal(
          await row(page, '"type": "error"').count(),
          0,
          (await page.getByRole('log').textContent()) ?? '',
        )
        return (await row(page, answer).count()) > 0 && (await rows(page).count()) > answers
      })
      answers = await rows(page).count()
    }
    assert.equal(await row(page, 'sent').count(), types.length)
    assert.doesNotMatch(
      (await page.getByRole('log').textContent()) ?? '',
      /eyJ/,
      'no token stands in the log',
    )
    assert.deepEqual(errors, [])
  })

  test('says where JSON is wrong, and sends nothing', async () => {
    await using opened = await openPage(`${service.url}/websocket-test`)
    const { page } = opened
    await connect(page, await tokenFor('cal'))
    const before = await rows(page).count()
    await field(page, 'JSON').fill('{\n  "type": "ping"\n  "id": 1\n}')
    await button(page, 'Send').click()
    const alert = page.getByRole('alert')
    assert.match((await alert.textContent()) ?? '', /^Line 3, column 3: a comma or } is missing/)
    const selected = () => page.evaluate(() => document.querySelector('textarea')?.selectionStart)
    assert.equal(await selected(), '{\n  "type": "ping"\n  '.length)
    assert.equal(await rows(page).count(), before)
    await field(page, 'JSON').fill('{"type": "ping"}')
    await page.keyboard.press('Control+Enter')
    await row(page, '"pong"').waitFor()
    assert.equal(await alert.textContent(), '')
  })

  test('explains why a handshake was refused', async () => {
    const { group } = await service.group('dee')
    await using opened = await openPage(`${service.url}/websocket-test`)
    const { page } = opened
    let refusals = 0
    const refused = async (url: string, token: string, why: RegExp) => {
      await field(page, 'URL').fill(url)
      await field(page, 'Token').fill(token)
      await button(page, 'Connect').click()
      const told = row(page, '✕ refused').nth(refusals++)
      await told.waitFor()
      assert.match((await told.textContent()) ?? '', why)
      await button(page, 'Connect').waitFor()
    }
    await refused(socketUrl, await tokenFor('dee', { ttlS: -60 }), /401 unauthenticated: .*expired/)
    await refused(socketUrl, 'nonsense', /401 unauthenticated: /)
    await refused(socketUrl, '', /401 unauthenticated: /)
    await refused(socketUrl, 'two words', /does not even try/)
    await refused(`${socketUrl}/${group.id}`, await tokenFor('eve'), /40[34] \w+: /)
    await refused(`${socketUrl}/${'0'.repeat(24)}`, await tokenFor('eve'), /404 not_found: /)
    await refused(socketUrl.replace('/api', '/ipa'), await tokenFor('dee'), /404 not_found: There is nothing/)
    await refused(socketUrl.replace('/ws', '/sw'), await tokenFor('dee'), /does not end with \/ws/)
    await refused(`${socketUrl}?after=1`, await tokenFor('dee'), /takes this token.*parameter/)
    await refused('ws://127.0.0.1:1/ws', await tokenFor('dee'), /does not answer/)
  })

  test('tells what a close code means', async () => {
    const { owner, group } = await service.group('fay')
    await using opened = await openPage(`${service.url}/websocket-test`)
    const { page } = opened
    await field(page, 'URL').fill(`${socketUrl}/${group.id}`)
    await connect(page, await tokenFor('fay'))
    await owner.call('DELETE', `/groups/${group.id}`)
    await row(page, '4501 groupDeleted: the group was deleted: stay away').waitFor()
    assert.equal(await page.getByRole('status', { name: 'Connection' }).textContent(), 'closed with 4501')
  })

  test('copies its log, and keeps no more than a thousand rows', async () => {
    const { group } = await service.group('gus')
    await using opened = await openPage(`${service.url}/websocket-test`)
    const { page } = opened
    await field(page, 'URL').fill(`${socketUrl}/${group.id}`)
    await connect(page, await tokenFor('gus'))
    const socket = await service.socket('gus', `/ws/${group.id}`)
    for (let i = 0; i < 1_100; i++) await socket.ask({ type: 'message', content: `number ${i}`, id: i })
    await row(page, 'number 1099').waitFor()
    await button(page, 'Copy log').click()
    await page.getByText('copied', { exact: true }).waitFor()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    assert.match(copied, /^\d\d:\d\d:\d\d\.\d{3} received \d+ B \{\n {2}"type": "new_message"/m)
    assert.ok(copied.includes('number 1099') && !copied.includes('"number 3"'))
    assert.equal(await rows(page).count(), 1_000)
    await socket.close()
  })

  test('gets tokens of the test users where they are', async () => {
    for (const user of testUsers) {
      const answer = await fetch(`${service.url}/api/auth/register`, {
        method: 'POST',
        body: new URLSearchParams(user),
      })
      assert.equal(answer.status, 201)
    }
    await using opened = await openPage(`${service.url}/websocket-test`)
    const { page, errors } = opened
    for (const { username } of testUsers) {
      await field(page, 'Token').fill('')
      await button(page, `Token of ${username}`).click()
      await eventually('a token', async () => (await field(page, 'Token').inputValue()).startsWith('eyJ'))
      await button(page, 'Connect').click()
      await row(page, '"type": "connected"').last().waitFor()
      await button(page, 'Disconnect').click()
    }
    assert.deepEqual(errors, [])
  })

  test('works as a file that was opened from disk, too', async () => {
    const file = pathToFileURL(join(root, 'dashboard/websocket-test.html')).href
    await using opened = await openPage(file)
    const { page } = opened
    assert.equal(await field(page, 'URL').inputValue(), 'ws://127.0.0.1:8001/api/chat/ws')
    await field(page, 'URL').fill(socketUrl)
    await connect(page, await tokenFor('hal'))
    await send(page, 'ping')
    await row(page, '"pong"').waitFor()
    await button(page, 'Disconnect').click()

    await using closed = await startService({ CORS_ORIGINS: 'https://chat.example.com' })
    await field(page, 'URL').fill(`${closed.base.replace('http', 'ws')}/ws`)
    await button(page, 'Connect').click()
    await row(page, /answers, but not to pages of this origin: add "null" to its CORS_ORIGINS/).waitFor()
  })

  for (const [width, colorScheme] of [
    [1_440, 'light'],
    [1_440, 'dark'],
    [360, 'light'],
    [360, 'dark'],
  ] as const)
    test(`is for everybody's eyes and fingers, ${width} pixels wide and ${colorScheme}`, async () => {
      await using opened = await openPage(`${service.url}/websocket-test`, { width, colorScheme })
      const { page } = opened
      await connect(page, await tokenFor('ida'))
      await field(page, 'JSON').fill('{')
      await button(page, 'Send').click()
      await page.getByRole('alert').filter({ hasText: 'Line 1' }).waitFor()
      const wide = await page.evaluate(() => document.documentElement.scrollWidth)
      assert.ok(wide <= width, `${wide}`)
      if (width === 360) {
        const small = await page.evaluate(() =>
          [...document.querySelectorAll('button, input, select')]
            .filter((each) => each.getBoundingClientRect().height < 40)
            .map(({ outerHTML }) => outerHTML),
        )
        assert.deepEqual(small, [])
      }
      await page.evaluate(axe)
      const violations = await page.evaluate(async () => {
        const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } }
        return (await axe.run()).violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])
      })
      assert.deepEqual(violations, [])
    })
})
