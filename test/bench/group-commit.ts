/**
 * Sends at the store by 64 concurrent senders, each message durable (synchronous=FULL), on a disk whose every fsync takes
 * 2 ms longer: our store, whose writer commits for all who wait, beside one transaction per message on the main thread.
 * Goals: at least 10 times the rate, and an event loop whose p99 delay stays below 20 ms.
 *
 *     npx node test/bench/group-commit.ts
 */
import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Send } from '../../src/domain/message.ts'
import { createTransact, runBatch } from '../../src/store/sqlite/engine/batch.ts'
import { openForWriting } from '../../src/store/sqlite/engine/file.ts'
import { createWrites } from '../../src/store/sqlite/writes.ts'
import { openIn } from '../store/open.ts'
import { temporaryFolder } from '../support/process.ts'
import { aSend, newGroup, numbers, user } from '../support/samples.ts'
import { markdownTable, median } from './figures.ts'

const senders = 64
const seconds = 3
const rounds = 3
const fsyncDelayMs = 2

interface Figures {
  perSecond: number
  loopP99Ms: number
}

type Append = (send: Send) => Promise<unknown>

const group = newGroup({ members: ['ann'], owner: 'ann' })

/** Lets all senders send, each its next message when the last is acknowledged. */
async function measure(append: Append): Promise<Figures> {
  const content = 'x'.repeat(100)
  const send = () => append(aSend(group, { content }))
  for (const _ of numbers(1, 20)) await send()

  const delay = monitorEventLoopDelay({ resolution: 1 })
  let sent = 0
  const start = performance.now()
  const end = start + seconds * 1_000
  delay.enable()
  await Promise.all(
    numbers(1, senders).map(async () => {
      for (; performance.now() < end; sent++) await send()
    }),
  )
  delay.disable()
  return {
    perSecond: sent / ((performance.now() - start) / 1_000),
    loopP99Ms: delay.percentile(99) / 1e6,
  }
}

const ways: Record<string, (dataDir: string) => Promise<Figures>> = {
  async ours(dataDir) {
    const store = await openIn(dataDir)
    await store.groups.create(group)
    const figures = await measure((send) => store.messages.append(send, user('ann')))
    await store.close()
    return figures
  },

  async peer(dataDir) {
    const db = openForWriting(join(dataDir, 'chat.db'))
    db.exec('PRAGMA wal_autocheckpoint = 1000')
    const transact = createTransact(db)
    const writes = createWrites(db)
    const { authorizedUserIds: userIds, ...rest } = group
    const row = { ...rest, memberCount: userIds.length }
    runBatch(transact, writes, [{ name: 'groups.create', args: [row, userIds] }])
    const figures = await measure(async (send) => {
      await nextTurn()
      runBatch(transact, writes, [{ name: 'messages.append', args: [send, user('ann')] }])
    })
    db.close()
    return figures
  },
}

/** Runs one way in a process of its own, on the slow disk. */
async function runSlowed(way: string): Promise<Figures> {
  using folder = temporaryFolder()
  const calls = 'fsync,fdatasync'
  const slow = `inject=${calls}:delay_enter=${fsyncDelayMs * 1_000}`
  const strace = ['-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', slow]
  const command = [...strace, process.execPath, import.meta.filename, way, folder.path]
  const { stdout } = await promisify(execFile)('strace', command)
  return JSON.parse(stdout)
}

async function compare(): Promise<string> {
  if (spawnSync('strace', ['-V']).error) throw new Error('This needs strace: apt-get install strace')
  const runs: Record<string, Figures[]> = { ours: [], peer: [] }
  for (const _ of numbers(1, rounds))
    for (const [way, figures] of Object.entries(runs)) figures.push(await runSlowed(way))

  const rate = (way: string) => median(runs[way]?.map((run) => run.perSecond) ?? [])
  const p99 = (way: string) => median(runs[way]?.map((run) => run.loopP99Ms) ?? [])
  const ratio = median(runs.ours?.map((run, i) => run.perSecond / (runs.peer?.[i]?.perSecond ?? 0)) ?? [])
  return markdownTable(
    [`${senders} senders, fsync +${fsyncDelayMs} ms, median of ${rounds}`, 'messages/s', 'loop p99'],
    [
      ['group commit in the writer thread', rate('ours').toFixed(0), `${p99('ours').toFixed(1)} ms`],
      ['one transaction per message', rate('peer').toFixed(0), `${p99('peer').toFixed(1)} ms`],
      ['ratio (goal >= 10), loop p99 (goal < 20 ms)', ratio.toFixed(1), `${p99('ours').toFixed(1)} ms`],
    ],
  )
}

const [way, dataDir] = process.argv.slice(2)
const run = way === undefined ? undefined : ways[way]
process.stdout.write(run && dataDir ? JSON.stringify(await run(dataDir)) : `${await compare()}\n`)
