import fc from 'fast-check'
import type { ReferenceStore } from '../reference/store.ts'
import { at, command, group, type Ids, id, limit } from './command.ts'

const dayMs = 24 * 3_600_000

const clear = fc
  .tuple(group, at, limit, at)
  .map(([n, before, limit, when]) =>
    command('retention.clear', { n, before, limit, when }, (store, ids) =>
      store.retention.clear(id(ids.groups, n), before, limit, when),
    ),
  )

/** What is due of this run's groups, when messages are kept for a day: page by page, each of which is each store's own. */
async function due({ retention }: ReferenceStore, ids: Ids, when: number) {
  const found = []
  for (let after: string | null = null; ; ) {
    const page: Awaited<ReturnType<typeof retention.due>> = await retention.due({
      after,
      days: 1,
      at: when + dayMs,
      limit: 50,
    })
    found.push(...page.groups)
    after = page.next
    if (after === null) return found.filter(({ groupId }) => ids.groups.includes(groupId))
  }
}

/** All that is due, as it is cleared in steps. */
const clearDue = fc.tuple(at, limit, at).map(([before, limit, when]) =>
  command('retention', { before, limit, when }, async (store, ids) => {
    const groups = await due(store, ids, before)
    const counts: number[] = []
    for (const { groupId, before: until } of groups)
      for (let count = limit; count === limit; counts.push(count))
        count = (await store.retention.clear(groupId, until, limit, when)).value
    return [groups, counts, await due(store, ids, before)]
  }),
)

export const retentionCommands = [clear, clearDue]
