/**
 * What the figures of a store with 1,000,000 messages cost, beside those of one with 100: asked of the store itself, and as
 * the dashboard's whole answer. Nothing is counted, so it should be the same. Goal: within twice the time.
 *
 *     npx node test/bench/stats.ts
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { readConfig } from '../../src/config.ts'
import { start } from '../../src/main.ts'
import { createLog } from '../../src/observe/log.ts'
import { openIn } from '../store/open.ts'
import { secret, temporaryFolder } from '../support/process.ts'
import { numbers } from '../support/samples.ts'
import { markdownTable, median } from './figures.ts'
import { fill } from './fill.ts'

const sizes = { big: 1_000_000, small: 100 }
const calls = 2_000
const answers = 30
/** For less than this the service keeps the store's figures, and asks nothing. */
const keptMs = 1_000

type Size = keyof typeof sizes
const both = Object.keys(sizes) as Size[]

/** Medians in microseconds of what takes turns, and a row of them. */
async function row(name: string, times: number, pauseMs: number, ask: (size: Size) => Promise<void>) {
  const took = { big: [] as number[], small: [] as number[] }
  for (const n of numbers(1, times)) {
    // Who comes first after a pause has the colder caches.
    for (const size of n % 2 ? both : both.toReversed()) {
      const began = performance.now()
      await ask(size)
      took[size].push((performance.now() - began) * 1_000)
    }
    if (pauseMs > 0) await sleep(pauseMs)
  }
  const [big, small] = [median(took.big), median(took.small)]
  return [`${name}, median of ${times}`, big.toFixed(0), small.toFixed(0), (big / small).toFixed(2)]
}

using bigFolder = temporaryFolder()
using smallFolder = temporaryFolder()
const folders = { big: bigFolder.path, small: smallFolder.path }
for (const size of both) fill(folders[size], sizes[size])

const stores = { big: await openIn(folders.big), small: await openIn(folders.small) }
const ofStore = await row('`Store.stats`', calls, 0, async (size) => {
  const { messages } = await stores[size].stats.read(Date.now())
  if (messages !== sizes[size]) throw new Error(`${messages} messages`)
})
for (const size of both) await stores[size].close()

const serve = (size: Size) =>
  start(readConfig({ PORT: '0', DATA_DIR: folders[size], JWT_SECRET: secret }), {
    log: createLog({ level: 'critical', format: 'json', write: () => undefined }),
    onFatal(error) {
      throw error
    },
  })
const services = { big: await serve('big'), small: await serve('small') }
const ofDashboard = await row('`/dashboard/api/data`', answers, keptMs, async (size) => {
  const response = await fetch(`${services[size].url}/dashboard/api/data`)
  const { database } = (await response.json()) as { database: { messages: number } }
  if (database.messages !== sizes[size]) throw new Error(`${database.messages} messages`)
})
for (const size of both) await services[size].close()

const head = ['microseconds', 'with 1,000,000 messages', 'with 100', 'ratio']
process.stdout.write(`${markdownTable(head, [ofStore, ofDashboard])}\n`)
