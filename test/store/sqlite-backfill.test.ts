import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { follow } from '../contracts/feed.ts'
import { eventually } from '../support/eventually.ts'
import { aGroup, history, numbers } from '../support/samples.ts'
import { failItems, greedy, itemCount, numberItems, openItems, writeMuch } from './backfill-writer.ts'
import { openIn, outsider, tempFolder } from './open.ts'

/** Runs the process until it has ended by itself, or for so many milliseconds after it began. */
async function runFor(dataDir: string, ms: number): Promise<{ isFinished: boolean; events: string[] }> {
  const program = new URL('backfill-process.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [program, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  let told = ''
  child.stdout.on('data', (data) => {
    told += data
  })
  const ended = once(child, 'close')
  await Promise.race([once(child.stdout, 'data'), ended])
  await Promise.race([pause(ms), ended])
  child.kill('SIGKILL')
  const [code] = await ended
  return { isFinished: code === 0, events: told.split('\n').filter(Boolean) }
}

test('kill -9 at any moment: a step goes on where it was, and nothing is done twice or left out', async (t) => {
  const dataDir = tempFolder()
  let kills = 0
  for (;;) {
    const { isFinished, events } = await runFor(dataDir, 10 + Math.random() * 60)
    assert.ok(!events.includes('backfill_failed'))
    if (isFinished) break
    kills++
  }
  t.diagnostic(`killed ${kills} times`)
  assert.ok(kills >= 3, `killed ${kills} times only`)
  const { items, steps, close } = await openItems(dataDir, [numberItems])
  assert.deepEqual(
    items().map((item) => ({ ...item })),
    numbers(1, itemCount).map((id) => ({ id, number: id, times: 1 })),
  )
  assert.equal(await steps[0]?.isDone(), true)
  assert.deepEqual(await steps[0]?.portion(), { isDone: true, count: 0 })
  await close()
  rmSync(dataDir, { recursive: true })
})

test('a portion that fails is undone whole, and no write beside it', async () => {
  const dataDir = tempFolder()
  const { queue, steps, items, close } = await openItems(dataDir, [failItems])
  const [broken] = steps
  assert.ok(broken)
  const outcomes = await Promise.allSettled([
    queue.write('note', 1),
    queue.write('note', 2),
    broken.portion(),
    queue.write('note', 3),
    broken.portion(),
    queue.write('note', 4),
  ])
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
  )
  assert.deepEqual(
    items().map(({ id, times }) => [id, times]),
    numbers(1, 4).map((id) => [id, 0]),
  )
  assert.equal(await broken.isDone(), false)
  await close()
  rmSync(dataDir, { recursive: true })
})

test('a portion has enough after some milliseconds, and the next goes on from its position', async () => {
  const dataDir = tempFolder()
  const { steps, close } = await openItems(dataDir, [greedy])
  const [step] = steps
  const first = await step?.portion()
  assert.equal(first?.isDone, false)
  assert.ok(first.count > 0)
  assert.equal((await step?.portion())?.isDone, true)
  await close()
  rmSync(dataDir, { recursive: true })
})

test('a step that writes much does not make the log of the database grow', async () => {
  const dataDir = tempFolder()
  const { steps, close } = await openItems(dataDir, [writeMuch])
  const [step] = steps
  assert.ok(step)
  while (!(await step.portion()).isDone);
  const { size } = statSync(join(dataDir, 'chat.db-wal'))
  assert.ok(size < 10_000_000, `${size} bytes`)
  await close()
  rmSync(dataDir, { recursive: true })
})

test('groups of the version before get numbers beside the service, once, while others are made', async () => {
  const dataDir = tempFolder()
  const earlier = await openIn(dataDir)
  const old = await Promise.all(numbers(1, 120).map(() => aGroup(earlier, { members: ['ann'] })))
  await earlier.close()
  const { db } = outsider(dataDir)
  db.exec(
    "UPDATE groups SET number = NULL; DELETE FROM meta WHERE key = 'group_number' OR key LIKE 'backfill:%'",
  )
  db.close()

  let store = await openIn(dataDir)
  const made = await Promise.all(numbers(1, 10).map(() => aGroup(store, { members: ['ann'] })))
  // What is known of a membership has the number as soon as the group does.
  const known = async ({ id }: { id: string }) => (await store.members.read(id, 'ann'))?.group.number ?? null
  const read = async () => Promise.all([...old, ...made].map(known))
  await eventually('a group has no number', async () => !(await read()).includes(null))
  const found = await read()
  assert.deepEqual(
    found.toSorted((a, b) => Number(a) - Number(b)),
    numbers(1, 130),
  )
  assert.deepEqual(
    found.slice(120),
    made.map(({ number }) => number),
  )
  await store.close()
  store = await openIn(dataDir)
  assert.deepEqual(await read(), found)
  assert.equal((await aGroup(store)).number, 131)
  await store.close()
  rmSync(dataDir, { recursive: true })
})

test('what moved before there was a feed is told after the upgrade, while others send', async () => {
  const dataDir = tempFolder()
  const earlier = await openIn(dataDir)
  const groups = []
  for (const _ of numbers(1, 120)) groups.push(await aGroup(earlier, { members: ['ann'] }))
  const silent = await aGroup(earlier)
  for (const group of groups) await history(earlier, group, 2)
  await earlier.close()
  // As the version before left it.
  const { db } = outsider(dataDir)
  db.exec("UPDATE groups SET moved = 0; DELETE FROM meta WHERE key = 'moves' OR key LIKE 'backfill:%'")
  db.close()

  const store = await openIn(dataDir)
  const reader = follow(() => store)
  const [first] = groups
  assert.ok(first)
  await history(store, first, 1)
  await reader.hears(first, '3.0')
  for (const group of groups.slice(1)) await reader.hears(group, '2.0')
  assert.equal(reader.head(silent), undefined)
  assert.equal(new Set(reader.told).size, groups.length)
  await store.close()
  rmSync(dataDir, { recursive: true })
})
