import assert from 'node:assert/strict'
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { backupSqlite } from '../../src/store/sqlite/engine/backup.ts'
import type { Store } from '../../src/store/store.ts'
import { admin, aGroup, aSend, failsWith, history, newId, numbers, t0, user } from '../support/samples.ts'
import { openIn, outsider, tempFolder } from './open.ts'

/** Polls, with a deadline of 20 s. */
async function eventually(what: string, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000
  while (!holds()) {
    assert.ok(Date.now() < deadline, what)
    await pause(5)
  }
}

async function bigGroup(store: Store) {
  const group = await aGroup(store, { members: ['ann', 'bob'] })
  const sent = await Promise.all(
    numbers(1, 10_000).map(() => store.messages.append(aSend(group), user('ann'))),
  )
  const some = sent.slice(0, 600).map(({ value }) => value.id)
  await Promise.all(some.map((id) => store.messages.delete(id, user('ann'), t0)))
  return group
}

test('what messages said before goes with their text', async () => {
  const dataDir = tempFolder()
  const store = await openIn(dataDir)
  const group = await aGroup(store, { members: ['ann'] })
  const [now, later, kept] = await history(store, group, 3)
  assert.ok(now && later && kept)
  for (const { id } of [now, later, kept]) await store.messages.edit(id, { content: 'new' }, user('ann'), t0)
  for (const { id } of [later, kept]) await store.messages.delete(id, user('ann'), id === later.id ? 1 : t0)
  await store.messages.delete(now.id, user('ann'), t0, false)
  const { db } = outsider(dataDir)
  const left = (table: string) => db.prepare(`SELECT message_id FROM ${table}`).all().map(Object.values)
  assert.equal(left('revisions').length, 2)
  assert.equal(await store.messages.wipe(2, 10), 1)
  assert.deepEqual([left('revisions'), left('deleted_texts')], [[[kept.id]], [[kept.id]]])
  db.close()
  await store.close()
  rmSync(dataDir, { recursive: true })
})

test('a deleted group is purged step by step, sends going first, and after a restart', async () => {
  const dataDir = tempFolder()
  let store = await openIn(dataDir)
  const kept = await aGroup(store, { members: ['ann'] })
  const first = await bigGroup(store)
  const second = await bigGroup(store)
  await history(store, kept, 10)
  const { db, rows } = outsider(dataDir)
  // So many that they are not gone before a busy machine has sent one message.
  db.prepare(
    `WITH RECURSIVE n (i) AS (SELECT 10001 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
     INSERT INTO messages (group_id, seq, id, sender_id, content, created_at, updated_at)
     SELECT ?, i, printf('%024x', i), 'ann', 'one of many', 0, 0 FROM n`,
  ).run(first.id)

  await store.groups.delete(first.id, admin, t0)
  await store.messages.append(aSend(kept), user('ann'))
  assert.ok(rows(first.id) > 0, 'the send waited for the purge')
  await eventually('the first group is not purged', () => rows(first.id) === 0)
  assert.equal(rows(second.id), 11_209)

  await Promise.all([store.groups.delete(second.id, admin, t0), store.close()])
  assert.ok(rows(second.id) > 0, 'closing waited for the purge')
  store = await openIn(dataDir)
  await eventually('the second group is not purged after the restart', () => rows(second.id) === 0)

  assert.equal((await store.log.read(kept.id, { seq: 0, rev: 0 }, 100)).messages.length, 11)
  db.close()
  await store.close()
  rmSync(dataDir, { recursive: true })
})

const sampleOf = (type: unknown) => (type === 'TEXT' ? 'x' : type === 'BLOB' ? Buffer.from('x') : 1)

test('whatever table names the group, its rows go too', async (t) => {
  const dataDir = tempFolder()
  const store = await openIn(dataDir)
  const group = await aGroup(store)
  const { db, tables, rows } = outsider(dataDir)
  t.after(async () => {
    db.close()
    await store.close()
    rmSync(dataDir, { recursive: true })
  })
  // What is to be purged stands there, a name outlives its group, and a file is known until its bytes are removed.
  const others = ['purge', 'names', 'files']
  const filled = tables.filter((table) => !others.includes(table))
  // A letter goes if it is about an entry of the group's log.
  const also: Record<string, string> = { letters: 'log' }
  for (const table of filled) {
    const columns = db.prepare('SELECT name, type FROM pragma_table_info(?) WHERE "notnull" OR pk').all(table)
    const more = also[table]
    if (more) columns.push({ name: more, type: 'TEXT' })
    const names = columns.map(({ name }) => String(name))
    const values = columns.map(({ name, type }) => (name === 'group_id' ? group.id : sampleOf(type)))
    const places = values.map(() => '?').join()
    db.prepare(`INSERT INTO ${table} (${names.join()}) VALUES (${places})`).run(...values)
  }
  assert.equal(rows(group.id), filled.length)
  await store.groups.delete(group.id, admin, t0)
  await eventually('rows are left', () => rows(group.id) === 0)
})

test('trimming a long log takes many steps and loses count of none', async () => {
  const dataDir = tempFolder()
  const store = await openIn(dataDir)
  const groups = await Promise.all(numbers(1, 3).map(() => aGroup(store)))
  const renames = groups.flatMap((group) =>
    numbers(1, 1_200).map((n) => store.groups.update(group.id, { name: `Name ${n}` }, user('olga'), t0 + n)),
  )
  await Promise.all(renames)
  assert.equal(await store.log.trim(t0 + 1_101), 3_300)
  for (const group of groups) assert.equal(await store.log.readStart(group.id), 1_100)
  assert.equal(await store.log.trim(t0 + 9_999), 3 * 99)
  await store.close()
  rmSync(dataDir, { recursive: true })
})

test('a backup, made beside the running store, is a database with all that was acknowledged', async () => {
  const [dataDir, other] = [tempFolder(), tempFolder()]
  const store = await openIn(dataDir)
  const group = await aGroup(store, { members: ['ann'] })
  await history(store, group, 20)
  const file = join(other, 'backup.db')
  backupSqlite(dataDir, file)
  await history(store, group, 5)
  assert.throws(() => backupSqlite(dataDir, file), /There is a file already/)
  assert.throws(() => backupSqlite(other, join(other, 'b.db')), /no database to back up/)
  const nowhere = join(other, 'missing', 'backup.db')
  assert.throws(() => backupSqlite(dataDir, nowhere), /Can't write the backup/)
  assert.deepEqual(readdirSync(other), ['backup.db'])
  assert.equal(existsSync(nowhere), false)

  renameSync(file, join(other, 'chat.db'))
  const restored = await openIn(other)
  assert.equal(restored.epoch, store.epoch)
  assert.deepEqual(await restored.log.readHead(group.id), { seq: 20, rev: 0, deleted: 0 })
  assert.deepEqual(
    (await restored.log.read(group.id, { seq: 0, rev: 0 }, 100)).messages,
    (await store.log.read(group.id, { seq: 0, rev: 0 }, 20)).messages,
  )
  await Promise.all([store.close(), restored.close()])
  for (const folder of [dataDir, other]) rmSync(folder, { recursive: true })
})

test('a large group is made in steps: sends go in between, and nobody sees it before it is whole', async () => {
  const dataDir = tempFolder()
  const store = await openIn(dataDir)
  const group = await aGroup(store, { members: ['ann'] })
  const members = numbers(1, 9_000).map((n) => `user ${n}`)
  const last = members.at(-1) ?? ''
  const id = newId()
  let isMade = false
  const making = aGroup(store, { id, members }).finally(() => {
    isMade = true
  })
  let sent = 0
  for (; !isMade; sent++) {
    await store.messages.append(aSend(group), user('ann'))
    // It may be whole before who made it is answered.
    const [ids, page] = [
      await store.groups.listIds('user 1', 10),
      await store.groups.list('user 1', { offset: 0, limit: 10 }),
    ]
    const found = await store.groups.read(id)
    if (ids.length) assert.equal(found?.authorizedUserIds.length, 9_000)
    if (!found) assert.deepEqual([ids, page.total], [[], 0])
  }
  assert.ok(sent > 5, `${sent} sends beside it`)
  const made = await making
  assert.deepEqual(await store.groups.read(made.id), made)
  assert.deepEqual(await store.groups.listIds(last, 10), [made.id])
  await store.messages.append(aSend(made, { senderId: last }), user(last))

  const { db, rows } = outsider(dataDir)
  await store.groups.delete(made.id, admin, t0)
  assert.deepEqual(await store.groups.list(last, { offset: 0, limit: 10 }), { groups: [], total: 0 })
  assert.deepEqual(await store.groups.listIds(last, 10), [])
  await eventually('its members are not purged', () => rows(made.id) === 0)
  db.close()
  await store.close()
  rmSync(dataDir, { recursive: true })
})

test('a large group that was not finished when the process ended is gone after the start', async () => {
  const dataDir = tempFolder()
  let store = await openIn(dataDir)
  const { db, rows } = outsider(dataDir)
  const id = newId()
  const members = numbers(1, 9_000).map((n) => `user ${n}`)
  const making = aGroup(store, { id, members })
  const refused = assert.rejects(making, failsWith('unavailable'))
  await eventually('it was not begun', () => rows(id) > 1_000)
  await assert.rejects(aGroup(store, { id, members: ['ann'] }), failsWith('conflict'))
  await Promise.all([store.close(), refused])
  assert.ok(rows(id) > 0)

  store = await openIn(dataDir)
  assert.deepEqual(await store.groups.listIds('user 1', 10), [])
  await eventually('what there was of it is not purged', () => rows(id) === 0)
  await aGroup(store, { id, members })
  assert.equal((await store.groups.read(id))?.authorizedUserIds.length, 9_000)
  db.close()
  await store.close()
  rmSync(dataDir, { recursive: true })
})

test('what the log of the database took while a backup was read is given back', async () => {
  const dataDir = tempFolder()
  const store = await openIn(dataDir)
  const group = await aGroup(store, { members: ['ann'] })
  const content = '🎈'.repeat(2_500)
  const send = () => store.messages.append(aSend(group, { content }), user('ann'))
  const logSize = () => statSync(join(dataDir, 'chat.db-wal')).size
  // As a backup of a large database does, for as long as it takes.
  const { db: reader } = outsider(dataDir)
  reader.exec('BEGIN; SELECT count(*) FROM messages')
  while (logSize() < 24 * 1024 * 1024) await Promise.all(numbers(1, 50).map(send))
  reader.exec('COMMIT')
  reader.close()
  for (let sent = 0; logSize() > 17 * 1024 * 1024; sent += 50) {
    assert.ok(sent < 2_000, 'the log is as large as before')
    await Promise.all(numbers(1, 50).map(send))
  }
  await store.close()
  rmSync(dataDir, { recursive: true })
})
