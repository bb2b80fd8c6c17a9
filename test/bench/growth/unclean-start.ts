import { appendFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { openIn } from '../../store/open.ts'
import { freePort, launchService, temporaryFolder } from '../../support/process.ts'
import { aGroup } from '../../support/samples.ts'
import { median } from '../figures.ts'
import type { Growth } from './growth.ts'

const gigabytes = Number(process.env.GIGABYTES ?? 0.5)
const rounds = 3

/** From the start of the process until `/livez` and `/readyz` answer 200: on a large file after kill -9, and on a new one. */
export async function uncleanStart(): Promise<Growth> {
  using largeFolder = temporaryFolder()
  const file = await fillUp(largeFolder.path)
  const starts: { large: Start[]; small: Start[] } = { large: [], small: [] }
  for (let round = 0; round < rounds; round++) {
    appendFileSync(`${file}-wal`, 'what kill -9 leaves')
    starts.large.push(await start(largeFolder.path))
    using smallFolder = temporaryFolder()
    starts.small.push(await start(smallFolder.path))
  }
  const of = (runs: Start[], what: keyof Start) => median(runs.map((run) => run[what]))
  const words = (runs: Start[]) =>
    `${of(runs, 'live').toFixed(2)} s, ready in ${of(runs, 'ready').toFixed(2)} s`
  return {
    action: `start after kill -9 on ${(statSync(file).size / 1e9).toFixed(1)} GB: until it listens`,
    large: words(starts.large),
    small: words(starts.small),
    figure: of(starts.large, 'live') / of(starts.small, 'live'),
    bound: 2,
  }
}

async function fillUp(dataDir: string): Promise<string> {
  const store = await openIn(dataDir)
  const group = await aGroup(store, { members: ['ann'] })
  await store.close()
  const file = join(dataDir, 'chat.db')
  const db = new DatabaseSync(file)
  const insert = db.prepare(
    `WITH RECURSIVE n (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1 + 9999)
     INSERT INTO messages (group_id, seq, id, sender_id, content, created_at, updated_at)
     SELECT ?2, i, lower(hex(randomblob(12))), 'ann', printf('%1000d', i), 0, 0 FROM n`,
  )
  let count = 0
  for (; statSync(file).size < gigabytes * 1e9; count += 10_000) {
    insert.run(count + 1, group.id)
    db.exec('PRAGMA wal_checkpoint(PASSIVE)')
  }
  db.prepare('UPDATE groups SET seq = ?').run(count)
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
  return file
}

interface Start {
  readonly live: number
  readonly ready: number
}

async function start(dataDir: string): Promise<Start> {
  const port = await freePort()
  const begun = performance.now()
  const service = launchService(dataDir, { PORT: String(port) })
  const answers = async (path: string) => {
    const ok = async () => (await fetch(`http://127.0.0.1:${port}${path}`).catch(() => null))?.ok === true
    while (!(await ok())) await sleep(5)
    return (performance.now() - begun) / 1_000
  }
  const live = await answers('/livez')
  const ready = await answers('/readyz')
  await service.end('SIGKILL')
  return { live, ready }
}
