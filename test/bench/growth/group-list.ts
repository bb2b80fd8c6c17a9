import { groupView } from '../../../src/domain/group.ts'
import type { Store } from '../../../src/store/store.ts'
import { openIn } from '../../store/open.ts'
import { temporaryFolder } from '../../support/process.ts'
import { numbers } from '../../support/samples.ts'
import { median } from '../figures.ts'
import { fillGroups } from './fill-groups.ts'
import { type Growth, held } from './growth.ts'
import { cpuMs } from './stall.ts'

const members = Number(process.env.MEMBERS ?? 1_000)
const rounds = 25

/** A page of 100 groups, of many members and of few, read and made JSON: milliseconds of CPU, and how long it is. */
export async function groupList(): Promise<Growth[]> {
  using largeFolder = temporaryFolder()
  using smallFolder = temporaryFolder()
  fillGroups(largeFolder.path, 100, members)
  fillGroups(smallFolder.path, 100, 10)
  const [large, small] = [await openIn(largeFolder.path), await openIn(smallFolder.path)]
  const pages = { large: [] as Page[], small: [] as Page[] }
  for (const _ of numbers(1, rounds)) {
    pages.large.push(await page(large))
    pages.small.push(await page(small))
  }
  await Promise.all([large.close(), small.close()])
  const of = (all: readonly Page[], what: keyof Page) => median(all.map((one) => one[what]))
  const [long, short] = [of(pages.large, 'bytes') / 1e3, of(pages.small, 'bytes') / 1e3]
  const action = `a list of 100 groups of ${members} members (of 10)`
  return [
    ...held(action, of(pages.large, 'ms'), of(pages.small, 'ms'), { ms: 5 }),
    {
      action: `${action}: KB`,
      large: `${long.toFixed(0)} KB`,
      small: `${short.toFixed(0)} KB`,
      figure: long,
      bound: 100,
    },
  ]
}

interface Page {
  readonly ms: number
  readonly bytes: number
}

async function page(store: Store): Promise<Page> {
  const before = cpuMs()
  const { groups } = await store.groups.list('ann', { offset: 0, limit: 100 })
  const bytes = JSON.stringify(groups.map(groupView)).length
  return { ms: cpuMs() - before, bytes }
}
