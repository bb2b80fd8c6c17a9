import { setTimeout as sleep } from 'node:timers/promises'
import { openIn } from '../../store/open.ts'
import { temporaryFolder } from '../../support/process.ts'
import { numbers, t0, user } from '../../support/samples.ts'
import { median } from '../figures.ts'
import { fill } from '../fill.ts'
import { type Growth, held } from './growth.ts'

const sizes = { large: Number(process.env.MESSAGES ?? 1_000_000), small: 100 }
const rounds = 500
const deletions = 50

/** What one reads of a group of many messages and of one of few: what is unread, the list of groups by activity, marking. */
export async function unread(): Promise<Growth[]> {
  using folder = temporaryFolder()
  const ids = {
    large: fill(folder.path, sizes.large, ['ann', 'bob']),
    small: fill(folder.path, sizes.small, ['ann', 'bob']),
  }
  const store = await openIn(folder.path)
  // Some of what is unread is deleted, near the beginning and near the end.
  for (const size of ['large', 'small'] as const)
    for (const page of [{ after: 10 }, { before: sizes[size] }])
      for (const { id } of await store.messages.list(ids[size], { ...page, limit: deletions / 2 }))
        await store.messages.delete(id, user('ann'), t0)
  const works: [string, (size: 'large' | 'small', n: number) => Promise<unknown>][] = [
    ['what is unread', (size) => store.reads.ofUser('bob', [ids[size]])],
    ['the last message', (size) => store.messages.listLast([ids[size]])],
    ['mark as read', (size, n) => store.reads.mark(ids[size], Math.ceil(n / 10), user('bob'), t0)],
  ]
  const rows: Growth[] = []
  for (const [name, work] of works) {
    const times = { large: [] as number[], small: [] as number[] }
    for (const n of numbers(1, rounds))
      for (const size of ['large', 'small'] as const) {
        const start = performance.now()
        await work(size, n)
        times[size].push(performance.now() - start)
        if (n % 50 === 0) await sleep(1)
      }
    const [large, small] = [median(times.large), median(times.small)]
    const action = `${name}, in a group of ${sizes.large.toLocaleString('en')} messages (of ${sizes.small})`
    rows.push(...held(action, large, small, { ms: 20, ratio: 2 }))
  }
  await store.close()
  return rows
}
