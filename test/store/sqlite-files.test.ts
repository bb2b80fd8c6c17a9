import assert from 'node:assert/strict'
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { backupSqlite } from '../../src/store/sqlite/engine/backup.ts'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { aGroup, aSend, numbers, t0, user } from '../support/samples.ts'
import { openIn, outsider, tempFolder } from './open.ts'

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

async function open(dataDir = tempFolder(), onWaiting?: () => void) {
  folders.push(dataDir)
  const fatal = Promise.withResolvers<Error>()
  const store = await openSqliteStore({
    dataDir,
    newEpoch: () => 'epoch',
    onFatal: fatal.resolve,
    ...(onWaiting && { onWaiting }),
  })
  return { store, file: join(dataDir, 'chat.db'), fatal: fatal.promise, dataDir }
}

for (const [what, spoil] of [
  ['removed', (file: string) => rmSync(file)],
  ['moved away', (file: string) => renameSync(file, `${file}.old`)],
  [
    'replaced',
    (file: string) => {
      copyFileSync(file, `${file}.copy`)
      renameSync(`${file}.copy`, file)
    },
  ],
  ['left without its log', (file: string) => rmSync(`${file}-wal`)],
] as const)
  test(`a database that is ${what} under a running service ends it, with the reason`, async () => {
    const { store, file, fatal } = await open()
    await aGroup(store)
    spoil(file)
    assert.match((await fatal).message, /was removed or replaced.*chat|chat.*was removed or replaced/)
    await store.close()
  })

const modeOf = (path: string): number => statSync(path).mode & 0o777

test('nobody else can read the data: not the folder, the database with its log, nor a backup', async () => {
  const dataDir = join(tempFolder(), 'data')
  const file = join(dataDir, 'chat.db')
  let { store } = await open(dataDir)
  await aGroup(store)
  backupSqlite(dataDir, join(dataDir, 'backup'))
  assert.equal(modeOf(dataDir), 0o700)
  for (const name of readdirSync(dataDir)) assert.equal(modeOf(join(dataDir, name)), 0o600, name)
  await store.close()

  chmodSync(file, 0o644)
  writeFileSync(`${file}-wal`, '', { mode: 0o644 })
  store = (await open(dataDir)).store
  for (const name of readdirSync(dataDir)) assert.equal(modeOf(join(dataDir, name)), 0o600, name)
  await store.close()
})

test('a log that grew while somebody read gives its room back', async () => {
  const { store, file, dataDir } = await open()
  const group = await aGroup(store, { members: ['ann'] })
  const { db } = outsider(dataDir)
  const send = (count: number) =>
    Promise.all(
      numbers(1, count).map(() =>
        store.messages.append(aSend(group, { content: 'x'.repeat(9_000) }), user('ann')),
      ),
    )
  const log = () => statSync(`${file}-wal`).size
  db.exec('BEGIN; SELECT count(*) FROM messages')
  for (let i = 0; i < 6; i++) await send(500)
  assert.ok(log() > 20 * 1024 * 1024, `${log()} bytes`)
  db.exec('COMMIT')
  db.close()
  const deadline = performance.now() + 10_000
  while (log() > 16 * 1024 * 1024) {
    assert.ok(performance.now() < deadline, `${log()} bytes are kept`)
    await send(60)
  }
  await store.close()
})

/** A closed store's folder whose file is too large to be checked whole at the start, as after kill -9. */
async function largeAndUnclean() {
  const { store, file, dataDir } = await open()
  const group = await aGroup(store, { members: ['ann'] })
  await store.close()
  const db = new DatabaseSync(file)
  db.prepare(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000)
     INSERT INTO messages (group_id, seq, id, sender_id, content, created_at, updated_at)
     SELECT ?, i, printf('%024x', i), 'ann', printf('%9000d', i), 0, 0 FROM n`,
  ).run(group.id)
  db.exec('UPDATE groups SET seq = 8000')
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
  appendFileSync(`${file}-wal`, 'what an unclean stop leaves')
  return { file, dataDir, group }
}

/** Resolves when the check beside the service has come to its end. */
async function checked(file: string): Promise<void> {
  const deadline = performance.now() + 20_000
  while (existsSync(`${file}-check`)) {
    assert.ok(performance.now() < deadline, 'the check has not ended')
    await pause(5)
  }
}

test('a large file is used at once after an unclean stop, and checked beside the service', async () => {
  const { dataDir, file, group } = await largeAndUnclean()
  let waited = 0
  const sound = await open(dataDir, () => waited++)
  assert.equal(waited, 1, 'who asks meanwhile can be told')
  await sound.store.messages.append(aSend(group), user('ann'))
  await checked(file)
  await sound.store.close()

  const next = await open(dataDir, () => waited++)
  assert.equal(waited, 1, 'it is checked once')
  await next.store.close()
})

test('a check that was cut short is made up for, and a damaged file is not served again', async () => {
  const { dataDir, file } = await largeAndUnclean()
  const brief = await open(dataDir)
  await brief.store.close()
  assert.ok(existsSync(`${file}-check`), 'closing waited for the check')

  const sound = readFileSync(file)
  const spoilt = Buffer.from(sound)
  spoilt.fill(0xff, 4_096 * 9_000, 4_096 * 9_001)
  writeFileSync(file, spoilt)
  const damaged = await open(dataDir)
  assert.match((await damaged.fatal).message, /chat\.db.*is damaged/)
  await damaged.store.close()
  await assert.rejects(open(dataDir), /is damaged/)

  writeFileSync(file, sound)
  const restored = await open(dataDir)
  await checked(file)
  await restored.store.close()
})

test('a purge beside somebody who sends comes to its end all the same', async () => {
  const dataDir = tempFolder()
  folders.push(dataDir)
  const store = await openIn(dataDir)
  const [kept, gone] = [await aGroup(store, { members: ['ann'] }), await aGroup(store, { members: ['ann'] })]
  await Promise.all(numbers(1, 3_000).map(() => store.messages.append(aSend(gone), user('ann'))))
  const { db, rows } = outsider(dataDir)
  await store.groups.delete(gone.id, { userId: 'x', admin: true }, t0)
  const deadline = performance.now() + 20_000
  while (rows(gone.id) > 0) {
    assert.ok(performance.now() < deadline, `${rows(gone.id)} rows are left`)
    await store.messages.append(aSend(kept), user('ann'))
    await pause(1)
  }
  db.close()
  await store.close()
})
