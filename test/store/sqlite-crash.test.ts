import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Store } from '../../src/store/store.ts'
import { aSend, numbers, seqs, user } from '../support/samples.ts'
import { skipWithoutStrace } from '../support/skip.ts'
import { writerFile } from '../support/writer-file.ts'
import { openIn, tempFolder } from './open.ts'
import { group, type Told } from './sender.ts'

/** A running sender, and all that it told so far. */
interface Sender {
  child: ChildProcess
  told: Told[]
  /** Resolves when it has told so much in all. */
  hears(count: number): Promise<void>
  /** Resolves to its exit code, null when it was killed, after its last word. */
  ended: Promise<number | null>
}

function startSender(dataDir: string): Sender {
  const child = spawn(
    process.execPath,
    [new URL('sender.ts', import.meta.url).pathname, dataDir, writerFile().href],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const told: Told[] = []
  const lines = createInterface({ input: child.stdout })
  // The last line of a killed process may be half of one.
  lines.on('line', (line) => line.endsWith('}') && told.push(JSON.parse(line)))
  const closed = once(lines, 'close')
  const ended = once(child, 'exit').then(async ([code]) => {
    await closed
    return code
  })
  const hears = async (count: number) => {
    while (told.length < count) await Promise.race([once(lines, 'line'), ended])
  }
  return { child, told, hears, ended }
}

/** Checks that the log is gapless, as long as the head says, and that every acknowledged message is in its place. */
async function checkLog(store: Store, told: readonly Told[]): Promise<void> {
  const seqOf = new Map<string, number>()
  const { messages } = await store.log.read(group.id, { seq: 0, rev: 0 }, 1_000_000)
  for (const message of messages) seqOf.set(message.id, message.seq)
  assert.deepEqual(seqs(messages), numbers(1, messages.length))
  assert.equal((await store.log.readHead(group.id))?.seq, messages.length)
  for (const each of told) if ('sent' in each) assert.equal(seqOf.get(each.sent), each.seq, 'lost or moved')
}

test('kill -9 at any moment loses no acknowledged message and leaves no hole', async (t) => {
  const dataDir = tempFolder()
  const told: Told[] = []
  let cursor: string | null = null
  for (const _ of numbers(1, 12)) {
    const sender = startSender(dataDir)
    await sender.hears(1)
    await pause(5 + Math.random() * 150)
    sender.child.kill('SIGKILL')
    assert.equal(await sender.ended, null)
    told.push(...sender.told)

    const store = await openIn(dataDir)
    await checkLog(store, told)
    // What moved is told from where a reader was before the kill.
    const { moved, next } = await store.feed.read(cursor, 10)
    const head = await store.log.readHead(group.id)
    assert.deepEqual(moved, [{ groupId: group.id, head: { seq: head?.seq, rev: 0 } }])
    cursor = next
    await store.close()
  }
  t.diagnostic(`${told.length} messages were acknowledged`)
  assert.ok(told.every((each) => 'sent' in each))
  rmSync(dataDir, { recursive: true })
})

test('after a failed fsync nothing is acknowledged, and a retry gives one message', {
  skip: skipWithoutStrace(),
}, async () => {
  const dataDir = tempFolder()
  const sender = startSender(dataDir)
  await sender.hears(50)
  const calls = 'fsync,fdatasync'
  const fail = `inject=${calls}:error=EIO`
  const args = ['-f', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', fail, '-p', String(sender.child.pid)]
  const tracer = spawn('strace', args, { stdio: 'ignore' })
  const traced = once(tracer, 'exit')
  assert.equal(await sender.ended, 3)
  await traced

  const fatal = sender.told.findIndex((each) => 'fatal' in each)
  const after = sender.told.slice(fatal + 1)
  const failed = sender.told.flatMap((each) => ('failed' in each ? [each] : []))
  assert.equal(sender.told.filter((each) => 'fatal' in each).length, 1)
  assert.ok(
    after.every((each) => !('sent' in each)),
    'acknowledged after the failure',
  )
  assert.equal(failed.length, 16)
  assert.ok(failed.every(({ code }) => code === 'unavailable'))

  const store = await openIn(dataDir)
  await checkLog(store, sender.told)
  const retried = await Promise.all(
    failed.map(({ failed: id }) => store.messages.append(aSend(group, { id }), user('ann'))),
  )
  assert.equal(new Set(retried.map(({ value }) => value.seq)).size, 16)
  await checkLog(store, sender.told)
  await store.close()
  rmSync(dataDir, { recursive: true })
})
