/**
 * What a page costs in a group of 1,000,000 messages, beside the same page in a group of 100: the first, the last by
 * cursor, and one after a cursor. Goal: within twice the time.
 *
 *     npx node test/bench/page-growth.ts
 */
import type { MessagePage } from '../../src/domain/message.ts'
import { openIn } from '../store/open.ts'
import { temporaryFolder } from '../support/process.ts'
import { numbers } from '../support/samples.ts'
import { markdownTable, median } from './figures.ts'
import { fill } from './fill.ts'

const sizes = { big: 1_000_000, small: 100 }
const limit = 50
const calls = 2_000

const pages: [string, (count: number) => MessagePage][] = [
  ['first page', () => ({ limit, offset: 0 })],
  ['last page, by `before`', () => ({ limit, before: limit + 1 })],
  ['page in the middle, by `after`', (count) => ({ limit, after: count / 2 })],
]

using folder = temporaryFolder()
const ids = { big: fill(folder.path, sizes.big), small: fill(folder.path, sizes.small) }
const store = await openIn(folder.path)
const rows: string[][] = []
for (const [name, page] of pages) {
  const times = { big: [] as number[], small: [] as number[] }
  for (const _ of numbers(1, calls))
    for (const size of ['big', 'small'] as const) {
      const start = performance.now()
      const { length } = await store.messages.list(ids[size], page(sizes[size]))
      times[size].push((performance.now() - start) * 1_000)
      if (length !== limit) throw new Error(`${name}: ${length} messages`)
    }
  const [big, small] = [median(times.big), median(times.small)]
  rows.push([name, big.toFixed(0), small.toFixed(0), (big / small).toFixed(2)])
}
await store.close()
const head = [`${limit} messages, microseconds, median of ${calls}`, 'of 1,000,000', 'of 100', 'ratio']
process.stdout.write(`${markdownTable(head, rows)}\n`)
