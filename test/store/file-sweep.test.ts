import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createFileSweep } from '../../src/store/file-sweep.ts'
import type { Store } from '../../src/store/store.ts'
import { eventually } from '../support/eventually.ts'
import { aFile, aGroup, aSend, numbers, t0, user } from '../support/samples.ts'
import { temporaryStore } from './open.ts'

const hourMs = 3_600_000
const ann = user('ann')

/** An id that was made at this time. */
const idAt = (ms: number) => Math.floor(ms / 1_000).toString(16) + randomBytes(8).toString('hex')
const content = async function* () {
  yield Buffer.from('some bytes')
}

async function ids(store: Store): Promise<string[]> {
  const found: string[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<Store['blobs']['list']>> = await store.blobs.list(cursor)
    found.push(...page.ids)
    cursor = page.next
  } while (cursor !== null)
  return found.sort()
}

function sweepOf(store: Store, now: number) {
  const events: string[] = []
  const log = {
    info: (event: string) => void events.push(event),
    warn: (event: string) => void events.push(event),
  }
  const { stop } = createFileSweep({ store, now: () => now, clock: () => performance.now(), log })
  return { events, [Symbol.dispose]: stop }
}

test('the bytes of what is gone, of what no message ever had, and of what a crash left over are removed; nothing else is', async () => {
  await using at = await temporaryStore()
  const { store } = at
  const group = await aGroup(store, { members: ['ann'] })
  const add = async (ms: number) => {
    const file = aFile(group, { id: idAt(ms), createdAt: ms })
    await store.blobs.write(file.id, content())
    await store.files.add(file, ann, 1_000_000)
    return file
  }
  const [sent, removed, unsent, fresh] = [
    await add(t0),
    await add(t0),
    await add(t0),
    await add(t0 + 2 * hourMs),
  ]
  const attachments = await store.files.reserve([sent.id], { id: 'a'.repeat(24), groupId: group.id }, ann, t0)
  await store.messages.append(aSend(group, { id: 'a'.repeat(24), attachments }), ann)
  await store.files.remove(removed.id, ann, t0)
  const [leftOver, underWay] = [idAt(t0), idAt(t0 + 24 * hourMs)]
  for (const id of [leftOver, underWay]) await store.blobs.write(id, content())

  using sweep = sweepOf(store, t0 + 24 * hourMs + 1)
  const left = [sent.id, fresh.id, underWay].sort()
  await eventually('the rest is removed', async () => (await ids(store)).join() === left.join())
  // The bytes go first, then what is known of them.
  await eventually('it is forgotten', async () => !(await store.files.known([removed.id, unsent.id])).length)
  await eventually('it is told', () => sweep.events.includes('left_over_bytes_removed'))
  assert.deepEqual(await store.files.known([sent.id, fresh.id]), [sent.id, fresh.id].sort())
  assert.deepEqual((await ids(store)).join(), left.join())
})

test('bytes that an older or an empty database does not know are kept, and told of', async () => {
  await using at = await temporaryStore()
  const { store } = at
  const lost = numbers(1, 150).map(() => idAt(t0))
  // They lie in a few folders, each of which is a page.
  for (const id of lost) await store.blobs.write(`${id.slice(0, -2)}00`, content())
  using sweep = sweepOf(store, t0 + 24 * hourMs)
  await eventually('it is told', () => sweep.events.includes('left_over_bytes_kept'))
  assert.equal((await ids(store)).length, 150)
})
