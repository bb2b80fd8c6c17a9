import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCell } from '../../dashboard/chat/model/cell.ts'
import { createKept } from '../../dashboard/chat/model/kept.ts'
import type { Group } from '../../src/client/types.ts'

test('the list of groups is kept at once, and a burst of changes once more when it is over', () => {
  const stored = new Map<string, string>()
  let writes = 0
  const keeping = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem(key: string, value: string) {
      writes++
      stored.set(key, value)
    },
    removeItem: (key: string) => void stored.delete(key),
  }
  const timers: (() => void)[] = []
  const clock = {
    now: () => 0,
    after(_ms: number, run: () => void) {
      timers.push(run)
      return () => undefined
    },
  }
  const groups = createCell<readonly Group[] | null>(null)
  createKept(keeping, clock).follow(createCell(null), groups, new AbortController().signal)
  const kept = () => createKept(keeping, clock).groups?.map(({ id }) => id)
  const list = (...ids: string[]) => groups.set(ids.map((id) => ({ id }) as Group))
  assert.equal(kept(), undefined)
  list('tea')
  assert.deepEqual(kept(), ['tea'])
  list('tea', 'coffee')
  list('tea', 'coffee', 'cake')
  assert.deepEqual(kept(), ['tea'])
  timers.shift()?.()
  assert.deepEqual(kept(), ['tea', 'coffee', 'cake'])
  timers.shift()?.()
  assert.equal(timers.length, 0)
  assert.equal(writes, 2)
  list('cake')
  assert.deepEqual(kept(), ['cake'])
})
