import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { limits } from '../../src/domain/limits.ts'
import { databaseFile, openForWriting } from '../../src/store/sqlite/engine/file.ts'
import { createMemberPages } from '../../src/store/sqlite/member-page.ts'
import { createWrites } from '../../src/store/sqlite/writes.ts'
import { admin, aGroup, failsWith, t0 } from '../support/samples.ts'
import { openIn, outsider, tempFolder } from './open.ts'

test('whatever is asked of members and bans is found by an index, and nothing is sorted', async () => {
  const dataDir = tempFolder()
  const db = openForWriting(databaseFile(dataDir))
  const asked: string[] = []
  const listening = new Proxy(db, {
    get(target, name) {
      if (name !== 'prepare') return Reflect.get(target, name).bind?.(target)
      return (sql: string) => {
        asked.push(sql)
        return target.prepare(sql)
      }
    },
  }) as DatabaseSync
  createWrites(listening)
  createMemberPages(listening)
  const ofPeople = asked.filter((sql) => /\b(members|mutes|bans)\b/.test(sql))
  assert.ok(ofPeople.length > 20)
  for (const sql of ofPeople) {
    const steps = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
    for (const { detail } of steps)
      assert.doesNotMatch(
        String(detail),
        /^SCAN (members|mutes|bans|kind)\b|^SCAN groups(?! USING (COVERING )?INDEX groups_open)|TEMP B-TREE FOR ORDER/,
        sql,
      )
  }
  db.close()
  rmSync(dataDir, { recursive: true })
})

test('a group has so many bans and no more; those that are over make room', async () => {
  const dataDir = tempFolder()
  const store = await openIn(dataDir)
  const { id } = await aGroup(store)
  const { db } = outsider(dataDir)
  db.prepare(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${limits.bans})
     INSERT INTO bans (group_id, user_id, reason, until, created_at, created_by)
     SELECT ?, 'user ' || i, '', CASE i WHEN 7 THEN ? END, 0, 'olga' FROM n`,
  ).run(id, t0 + 100)
  const ban = (userId: string, at: number) =>
    store.bans.put(id, userId, { reason: '', until: null }, admin, at)
  await assert.rejects(ban('eve', t0 + 99), failsWith('limit_reached'))
  await ban('user 8', t0 + 99)
  await ban('eve', t0 + 100)
  await assert.rejects(ban('another', t0 + 100), failsWith('limit_reached'))
  assert.equal((await store.bans.list(id, admin, t0 + 100)).length, limits.bans)
  db.close()
  await store.close()
  rmSync(dataDir, { recursive: true })
})
