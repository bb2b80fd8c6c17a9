import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { ChatError } from '../../src/domain/errors.ts'
import { aGroup, aSend, failsWith, user } from '../support/samples.ts'
import { openEmpty, openIn, outsider, tempFolder } from './open.ts'

test('the event loop turns and reads are answered while a write waits for the disk', async () => {
  const dataDir = tempFolder()
  const store = await openIn(dataDir)
  const group = await aGroup(store, { members: ['ann'] })
  const { db } = outsider(dataDir)
  const send = () => store.messages.append(aSend(group), user('ann'))

  // Another program's write lock stands in for a slow disk: the writer waits for it, for a second at most.
  db.exec('BEGIN IMMEDIATE')
  let turns = 0
  let waiting = true
  const refused = assert.rejects(send(), failsWith('unavailable')).finally(() => {
    waiting = false
  })
  for (; waiting; turns++) {
    assert.deepEqual(await store.log.readHead(group.id), { seq: 0, rev: 0, deleted: 0 })
    await nextTurn()
  }
  await refused
  assert.ok(turns > 10, `only ${turns} turns`)
  db.exec('ROLLBACK')

  assert.equal((await send()).value.seq, 1)
  db.close()
  await store.close()
  rmSync(dataDir, { recursive: true })
})

test('an error that nobody foresaw undoes its transaction, and only that', async () => {
  const { store, close } = await openEmpty()
  const group = await aGroup(store, { members: ['ann'] })
  const good = [aSend(group), aSend(group)] as const
  const bad = aSend(group, { content: {} as unknown as string })
  const outcomes = await Promise.allSettled(
    [good[0], bad, good[1]].map((send) => store.messages.append(send, user('ann'))),
  )
  const [first, second, third] = outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason)
  failsWith('unavailable')(first)
  failsWith('unavailable')(third)
  assert.ok(
    second instanceof Error && !(second instanceof ChatError),
    `a bug must show as one, not as ${second}`,
  )
  assert.deepEqual(await store.log.readHead(group.id), { seq: 0, rev: 0, deleted: 0 })

  const retried = await Promise.all(good.map((send) => store.messages.append(send, user('ann'))))
  assert.deepEqual(
    retried.map(({ value, repeat }) => [value.seq, repeat]),
    [
      [1, false],
      [2, false],
    ],
  )
  await close()
})
