import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Message } from '../../src/domain/message.ts'
import type { SqliteStore } from '../../src/store/sqlite/store.ts'
import { aGroup, aSend, erase, failsWith, history, numbers, seqs, user } from '../support/samples.ts'
import { openIn } from './open.ts'
import { mountSmallDisk, noSmallDisk } from './tmpfs.ts'

test('a full disk refuses writes, goes on reading, and takes writes again when there is room', async (t) => {
  const disk = mountSmallDisk(3)
  if (!disk) return t.skip(noSmallDisk)
  const opened: SqliteStore[] = []
  const open = async () => {
    const store = await openIn(disk.dir)
    opened.push(store)
    return store
  }
  try {
    const ballast = join(disk.dir, 'ballast')
    writeFileSync(ballast, Buffer.alloc(1024 * 1024))
    const store = await open()
    const group = await aGroup(store, { members: ['ann'] })
    const [first] = await history(store, group, 3)
    const send = () => store.messages.append(aSend(group, { content: 'x'.repeat(5_000) }), user('ann'))

    const sent: Message[] = []
    let refusal: unknown
    while (refusal === undefined) {
      for (const outcome of await Promise.allSettled(numbers(1, 8).map(send))) {
        if (outcome.status === 'fulfilled') sent.push(outcome.value.value)
        else refusal = outcome.reason
      }
      assert.ok(sent.length < 2_000, 'the disk never fills')
    }
    failsWith('storage_full')(refusal)
    for (const _ of numbers(1, 3)) {
      const [ping] = await Promise.allSettled([store.ping(), ...numbers(1, 8).map(send)])
      assert.equal(ping.status, 'fulfilled', 'it is full, not away')
    }

    const full = await store.log.read(group.id, { seq: 3, rev: 0 }, 2_000)
    assert.deepEqual(full.messages.slice(0, sent.length), sent)
    assert.equal((await store.groups.read(group.id))?.name, group.name)

    rmSync(ballast)
    const { value: message } = await send()
    await erase(store, [first])
    const { messages } = await store.log.read(group.id, { seq: 0, rev: 0 }, 2_000)
    assert.deepEqual(seqs(messages), numbers(1, message.seq))
    await store.close()

    const again = await open()
    assert.deepEqual((await again.log.read(group.id, { seq: 0, rev: 0 }, 2_000)).messages, messages)
  } finally {
    for (const store of opened) await store.close()
    disk.remove()
  }
})
