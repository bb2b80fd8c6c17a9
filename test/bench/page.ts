/**
 * What the chat page asks of a browser with a group of 10,000 messages: how soon a group shows its newest messages, the longest
 * tasks while it is scrolled through and 20 messages a second come in, and the heap over time. Goals: 150 ms, no task over 50 ms,
 * a heap that does not grow.
 *
 *     npm run build && npm run bench -- page
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { CDPSession, Page } from 'playwright-core'
import { launchChromium } from '../browser/chromium.ts'
import { spawnService, temporaryFolder, tokenFor } from '../support/process.ts'
import { openSocket } from '../support/socket.ts'
import { markdownTable, median } from './figures.ts'
import { fill } from './fill.ts'

const count = Number(process.env.MESSAGES ?? 10_000)
const perSecond = 20
const openings = 15
const secondsEach = Number(process.env.SECONDS ?? 30)
const others = ['Coffee', 'Cake', 'Garden']

interface Measured extends Window {
  tasks: number[]
  mostArticles: number
}

/** Runs in the page before its own script. */
function measure(): void {
  const own = globalThis as unknown as Measured
  own.tasks = []
  own.mostArticles = 0
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) own.tasks.push(duration)
  }).observe({ type: 'longtask' })
  const look = (): void => {
    own.mostArticles = Math.max(own.mostArticles, document.querySelectorAll('article, [role=article]').length)
  }
  new MutationObserver(look).observe(document, { childList: true, subtree: true })
}

/** Milliseconds from a click on the group to the frame that shows this text. */
const openingTime = (page: Page, name: string, text: string): Promise<number> =>
  page
    .getByRole('navigation', { name: 'Groups' })
    .getByRole('link', { name: new RegExp(`^\\s*${name}`) })
    .evaluate(async (link, expected) => {
      const shows = () => document.querySelector('[role=log]')?.textContent?.includes(expected)
      const from = performance.now()
      ;(link as HTMLElement).click()
      while (!shows()) await new Promise(requestAnimationFrame)
      await new Promise(requestAnimationFrame)
      return performance.now() - from
    }, text)

/** Scrolls up until no older messages come. */
const loadAll = (page: Page): Promise<number> =>
  page.getByRole('log').evaluate(async (log) => {
    const from = performance.now()
    while (!/(?<!\d)0 xxx/.test(log.textContent ?? '')) {
      log.scrollTo(0, 0)
      await new Promise(requestAnimationFrame)
    }
    return performance.now() - from
  })

const longTasks = (page: Page): Promise<number[]> =>
  page.evaluate(() => (globalThis as unknown as Measured).tasks.splice(0))

/** Bytes of the heap after a collection, and elements of the document. */
async function weigh(session: CDPSession): Promise<{ heap: number; nodes: number }> {
  await session.send('HeapProfiler.collectGarbage')
  const { metrics } = await session.send('Performance.getMetrics')
  const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN
  return { heap: of('JSHeapUsedSize'), nodes: of('Nodes') }
}

const rows: string[][] = []
const tell = (what: string, ...figures: string[]) => rows.push([what, figures.join('; ')])
const ms = (value: number) => `${value.toFixed(0)} ms`
const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`
const ofTasks = (tasks: readonly number[]) =>
  `${tasks.length} over 50 ms, the longest ${ms(Math.max(0, ...tasks))}`

using folder = temporaryFolder()
const members = ['ann', 'bob']
const big = fill(folder.path, count, members, 'Tea')
for (const name of others) fill(folder.path, 200, members, name)
const service = await spawnService(folder.path, { ENVIRONMENT: 'production', CHAT_PAGE: 'on' })
const browser = await launchChromium()
try {
  const context = await browser.newContext({ viewport: { width: 1_440, height: 900 } })
  const page = await context.newPage()
  await page.addInitScript(measure)
  await page.goto(`${service.url}/chat-ui#token=${await tokenFor('ann')}`)
  await page.getByRole('link', { name: /^\s*Tea/ }).waitFor()
  const session = await context.newCDPSession(page)
  await session.send('Performance.enable')

  const times: number[] = []
  for (let i = 0; i < openings; i++)
    times.push(await openingTime(page, others[i % others.length] ?? '', '199 xxx'))
  const again = times.splice(others.length)
  times.push(await openingTime(page, 'Tea', `${count - 1} xxx`))
  tell('newest messages after the first click on a group', times.map(ms).join(', '))
  tell('after another click', `median ${ms(median(again))}`, `at most ${ms(Math.max(...again))}`)
  tell('long tasks while opening', ofTasks(await longTasks(page)))

  tell(`${count} messages loaded by scrolling up`, ms(await loadAll(page)), ofTasks(await longTasks(page)))

  const writer = await openSocket(`${service.url}/api/chat/ws`, { token: await tokenFor('bob') })
  let isOver = false
  const writing = (async () => {
    for (let i = 0; !isOver; i++) {
      writer.send({
        type: 'message',
        group_id: big,
        content: `written ${i} 👍 and a link https://example.com/${i}`,
      })
      await sleep(1_000 / perSecond)
    }
  })()

  const box = await page.getByRole('log').boundingBox()
  await page.mouse.move((box?.x ?? 0) + 200, (box?.y ?? 0) + 200)
  const phase = async (what: string, step: (i: number) => Promise<unknown>) => {
    const before = await weigh(session)
    await longTasks(page)
    const weights: number[] = []
    const end = performance.now() + secondsEach * 1_000
    for (let i = 0, weighed = performance.now(); performance.now() < end; i++) {
      await step(i)
      if (performance.now() - weighed < (secondsEach * 1_000) / 5) continue
      const tasks = await longTasks(page)
      weights.push((await weigh(session)).heap)
      // A collection that is asked for is no task of the page.
      await page.evaluate(
        (kept) => void (globalThis as unknown as Measured).tasks.splice(0, Infinity, ...kept),
        tasks,
      )
      weighed = performance.now()
    }
    tell(what, ofTasks(await longTasks(page)))
    tell(`${what}: heap`, [before.heap, ...weights].map(mib).join(', '))
  }
  await phase(`${perSecond} a second, scrolling through all`, async (i) => {
    await page.mouse.wheel(0, Math.floor(i / 200) % 2 ? -1_200 : 1_200)
    await sleep(16)
  })
  const jump = page.getByRole('button', { name: /^Jump to newest/ })
  if (await jump.isVisible()) await jump.click()
  await phase(`${perSecond} a second, at the newest`, () => sleep(100))
  isOver = true
  await writing
  await writer.close()
  const { nodes } = await weigh(session)
  const most = await page.evaluate(() => (globalThis as unknown as Measured).mostArticles)
  tell('articles in the document at most', String(most))
  tell('nodes of the document at the end', String(nodes))
} finally {
  await browser.close()
  await service.end('SIGTERM')
}
process.stdout.write(`${markdownTable(['chat page', 'measured'], rows)}\n`)
