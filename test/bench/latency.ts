/** 20 messages a second to 200 listeners: CPU for one message to one socket, and the time from sending to hearing. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryFolder } from '../support/process.ts'
import { markdownTable, median } from './figures.ts'
import { alternate } from './load-run.ts'
import type { PeerName } from './peers/start.ts'

const rounds = 3
const names: PeerName[] = ['ours', 'plain ws', 'Socket.IO', 'floor']

export async function latency(): Promise<string> {
  const task = { sockets: 201, content: 100, senders: 1, seconds: 8, pace: { perSecond: 20 } }
  const runs = await alternate(names, rounds, task)
  const of = (name: PeerName) => runs.get(name) ?? []
  const rows = names.map((name) => [
    name,
    median(of(name).map((run) => run.cpuPerDelivery)).toFixed(2),
    median(of(name).map((run, i) => run.cpuPerDelivery / (of('plain ws')[i]?.cpuPerDelivery ?? 0))).toFixed(
      2,
    ),
    `${median(of(name).map((run) => run.latency?.p50 ?? 0)).toFixed(1)} ms`,
    `${median(of(name).map((run) => run.latency?.p99 ?? 0)).toFixed(1)} ms`,
  ])
  const head = ['20 messages/s to 200', 'CPU µs per delivery', 'of plain ws', 'p50', 'p99']
  const { p50, p99 } = await commits()
  return `${markdownTable(head, rows)}

A commit alone at the same pace (SQLite, synchronous=FULL): p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms.
Goals: CPU at most 0.85 of plain ws; p99 at most 1.2 of plain ws plus one commit.`
}

/** Milliseconds that one insert and its commit take, 20 a second. */
async function commits(): Promise<{ p50: number; p99: number }> {
  using folder = temporaryFolder()
  const db = new DatabaseSync(join(folder.path, 'a.db'))
  db.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT)',
  )
  const insert = db.prepare('INSERT INTO t (x) VALUES (?)')
  const times: number[] = []
  for (let i = 0; i < 160; i++) {
    await sleep(50)
    const start = performance.now()
    insert.run('x'.repeat(300))
    times.push(performance.now() - start)
  }
  db.close()
  times.sort((a, b) => a - b)
  return { p50: median(times), p99: times[Math.floor(times.length * 0.99)] ?? Number.NaN }
}
