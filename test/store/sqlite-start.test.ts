import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { openSqliteStore } from '../../src/store/sqlite/store.ts'
import { StartError } from '../../src/store/start-error.ts'
import { eventually } from '../support/eventually.ts'
import { aGroup, aMember, history, t0, user } from '../support/samples.ts'
import { writerFile } from '../support/writer-file.ts'
import { openIn, outsider, tempFolder } from './open.ts'
import { mountSmallDisk, noSmallDisk } from './tmpfs.ts'

const folders: string[] = []
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

const folder = (): string => {
  const made = tempFolder()
  folders.push(made)
  return made
}

/** A closed store's folder and its file, with some hundred messages. */
async function usedFolder(): Promise<{ dataDir: string; file: string; groupId: string }> {
  const dataDir = folder()
  const store = await openIn(dataDir)
  const group = await aGroup(store, { members: ['ann'] })
  await history(store, group, 300)
  await store.close()
  return { dataDir, file: join(dataDir, 'chat.db'), groupId: group.id }
}

const overwrite = (file: string, at: number, bytes: Uint8Array): void => {
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, bytes, 0, bytes.length, at)
  closeSync(descriptor)
}

/** Opening fails with a message that matches each. */
const refuses = (dataDir: string, ...says: RegExp[]) =>
  assert.rejects(openIn(dataDir), (error: unknown) => {
    assert.ok(error instanceof StartError, `expected a StartError, got ${error}`)
    for (const what of says) assert.match(error.message, what)
    return true
  })

test('makes the data folder, with what leads to it', async () => {
  const dataDir = join(folder(), 'a', 'b')
  const store = await openIn(dataDir)
  await store.ping()
  await store.close()
})

test('an empty file is a new database', async () => {
  const dataDir = folder()
  writeFileSync(join(dataDir, 'chat.db'), '')
  const store = await openIn(dataDir)
  await aGroup(store)
  await store.close()
})

test('one store at a time uses a folder, in this process and in others', async () => {
  const dataDir = folder()
  const store = await openIn(dataDir)
  await refuses(dataDir, /another chat-api process is using it/, /DATA_DIR/, new RegExp(dataDir))

  const sender = new URL('sender.ts', import.meta.url).pathname
  const told = await promisify(execFile)(process.execPath, [sender, dataDir, writerFile().href]).catch(
    (error) => error.stdout,
  )
  assert.match(told, /^\{"refused":"[^"]*another chat-api process is using it/)

  await aGroup(store)
  await store.close()
  await (await openIn(dataDir)).close()
})

test('a file that is no database', async () => {
  const { dataDir, file } = await usedFolder()
  const good = readFileSync(file)
  overwrite(file, 0, Buffer.alloc(100, 'garbage'))
  await refuses(dataDir, /is damaged/, /backup/, new RegExp(file))

  writeFileSync(file, good)
  await (await openIn(dataDir)).close()
})

test('a file with a damaged page', async () => {
  const { dataDir, file } = await usedFolder()
  overwrite(file, 10 * 4_096, Buffer.alloc(4_096, 'garbage'))
  await refuses(dataDir, /is damaged/, /backup/)
})

test('a file that was cut off', async () => {
  const { dataDir, file } = await usedFolder()
  truncateSync(file, 8 * 4_096)
  await refuses(dataDir, /is damaged/, /backup/)
})

test('the database of another program', async () => {
  const dataDir = folder()
  const db = new DatabaseSync(join(dataDir, 'chat.db'))
  db.exec('CREATE TABLE groups (id)')
  db.close()
  await refuses(dataDir, /another program/, /DATA_DIR/)
})

/** What each schema takes back of the one after it, the newest last. */
const undo = [
  // 2
  `UPDATE changes SET data = json_extract(data, '$.user_id'); ALTER TABLE changes RENAME COLUMN data TO user_id`,
  // 3
  'ALTER TABLE purge DROP COLUMN is_draft',
  // 4
  'ALTER TABLE members DROP COLUMN role; ALTER TABLE members DROP COLUMN joined_at',
  // 5
  'DROP INDEX groups_by_move; ALTER TABLE groups DROP COLUMN moved',
  // 6
  'DROP TABLE reactions; DROP TABLE reaction_kinds; ALTER TABLE messages DROP COLUMN reactions_rev',
  // 7
  `DROP TRIGGER pin_of_deleted; DROP TABLE pins;
   ALTER TABLE messages DROP COLUMN pinned_at; ALTER TABLE messages DROP COLUMN pin_rev`,
  // 8
  'ALTER TABLE messages DROP COLUMN deleted_by',
  // 9
  `DROP TRIGGER mentions_came; DROP TRIGGER mentions_changed; DROP TRIGGER mentions_went; DROP VIEW mentioned; DROP TABLE mentions;
   ALTER TABLE messages DROP COLUMN edited_at; ALTER TABLE messages DROP COLUMN mentions;
   ALTER TABLE messages DROP COLUMN mention_all; ALTER TABLE messages DROP COLUMN metadata`,
  // 10
  `DROP TRIGGER message_deletions; DROP TABLE deletions; DROP TRIGGER member_has_read; DROP INDEX members_by_read;
   ALTER TABLE members DROP COLUMN read_seq; ALTER TABLE members DROP COLUMN read_at; ALTER TABLE groups DROP COLUMN read_base`,
  // 11
  `DROP TRIGGER reply_came; DROP TRIGGER reply_changed;
   DROP INDEX messages_roots; DROP INDEX messages_replies; DROP INDEX messages_in_thread;
   ALTER TABLE messages DROP COLUMN reply_to; ALTER TABLE messages DROP COLUMN thread_id; ALTER TABLE messages DROP COLUMN reply_count`,
  // 12
  `ALTER TABLE groups ADD COLUMN owner_id TEXT;
   UPDATE groups SET owner_id = json_extract(owner_ids, '$[0]');
   ALTER TABLE groups DROP COLUMN owner_ids;
   DROP INDEX groups_by_number; ALTER TABLE groups DROP COLUMN number;
   ALTER TABLE groups DROP COLUMN kind; ALTER TABLE groups DROP COLUMN visibility;
   ALTER TABLE groups DROP COLUMN post_policy; ALTER TABLE groups DROP COLUMN metadata;
   ALTER TABLE groups DROP COLUMN avatar_url; ALTER TABLE groups DROP COLUMN retention_days;
   DROP INDEX members_by_role; DROP TABLE mutes; DROP TABLE bans`,
  // 13
  'DROP TRIGGER revisions_wiped; DROP TABLE revisions',
  // 14
  'DROP TABLE invites',
  // 15
  'DROP TABLE names',
  // 16
  'DROP TABLE preferences',
  // 17
  'DROP INDEX groups_open',
  // 18
  `DROP TABLE deleted_texts;
   CREATE TRIGGER revisions_wiped AFTER UPDATE OF content ON messages WHEN new.is_deleted = 1 AND new.content = '' BEGIN
     DELETE FROM revisions WHERE message_id = new.id;
   END`,
  // 19
  'DROP TABLE consumed',
  // 20
  'DROP TABLE audit',
  // 21
  'DROP TABLE profiles; DROP TABLE profile_terms',
  // 22
  'DROP TABLE accounts; DROP TABLE sessions; DROP TABLE attempts; DROP TABLE remembered',
  // 23
  `DROP TRIGGER files_hidden; DROP TABLE files; DROP TABLE file_totals; DROP TABLE uploads;
   ALTER TABLE messages DROP COLUMN attachments`,
  // 24
  'DROP TRIGGER search_entry_gone; DROP TABLE search_entries; DROP TABLE search_words',
  // 25
  'ALTER TABLE groups DROP COLUMN cleared_seq',
  // 26
  'DROP TABLE reports',
  // 27
  `DROP TABLE erasures; DROP INDEX messages_by_sender; DROP INDEX messages_deleted_by; DROP INDEX reactions_of_user`,
  // 28
  'DROP TABLE blocks; DROP TABLE avatars',
  // 29
  'DROP TABLE letters',
  // 30
  'DROP TABLE devices',
  // 31
  `DROP INDEX erasures_unfinished; ALTER TABLE erasures DROP COLUMN user_id; ALTER TABLE erasures DROP COLUMN by_user`,
  // 32
  'DROP INDEX messages_deleted_mentioning',
]

/** Takes a file back to an earlier schema. */
function makeOlder(dataDir: string, version: number): void {
  const db = new DatabaseSync(join(dataDir, 'chat.db'))
  for (const each of undo.slice(version - 2).reverse()) db.exec(each)
  db.exec(`PRAGMA user_version = ${version}`)
  db.close()
}

test('the schema before profiles: who is a member gets a number beside the service', async () => {
  const dataDir = folder()
  const before = await openIn(dataDir)
  await aGroup(before, { members: ['ann', 'bob'], createdAt: t0 + 5 })
  await aGroup(before, { members: ['bob', 'cem'] })
  await before.close()
  makeOlder(dataDir, 20)
  const db = new DatabaseSync(join(dataDir, 'chat.db'))
  db.exec("DELETE FROM meta WHERE key IN ('backfill:name_members', 'profile_number')")
  db.close()

  const after = await openIn(dataDir)
  const named = () => after.profiles.read(['ann', 'bob', 'cem', 'dee'])
  await eventually('all have numbers', async () => (await named()).length === 3)
  assert.deepEqual(
    (await named()).map(({ id, number, createdAt, origin }) => [id, number, createdAt, origin]),
    [
      ['ann', 1, t0 + 5, 'stub'],
      ['bob', 2, t0, 'stub'],
      ['cem', 3, t0, 'stub'],
    ],
  )
  await after.close()
})

test('the schema before roles: all joined with their group, and its owner is one', async () => {
  const dataDir = folder()
  const before = await openIn(dataDir)
  const group = await aGroup(before, { members: ['ann', 'bob'], owner: 'ann' })
  const orphan = await aGroup(before, { members: ['ann'], owner: null })
  await before.close()
  makeOlder(dataDir, 4)

  const after = await openIn(dataDir)
  const member = async (id: string, userId: string) => (await after.members.read(id, userId))?.member
  assert.deepEqual(await member(group.id, 'ann'), aMember('ann', { role: 'owner' }))
  assert.deepEqual(await member(group.id, 'bob'), aMember('bob'))
  assert.equal((await member(orphan.id, 'ann'))?.role, 'member')
  await after.groups.update(group.id, { authorizedUserIds: ['ann', 'bob', 'cem'] }, user('ann'), t0 + 1)
  assert.equal((await member(group.id, 'cem'))?.joinedAt, t0 + 1)
  await after.close()
})

test('the schema of one owner: they are the first of the owners, and all else is as it is by default', async () => {
  const dataDir = folder()
  const before = await openIn(dataDir)
  const group = await aGroup(before, { members: ['ann', 'bob'], owner: 'ann' })
  const strange = await aGroup(before, { members: ['bob'], owner: '"],[$gt' })
  const orphan = await aGroup(before, { members: ['ann'], owner: null })
  await before.close()
  makeOlder(dataDir, 12)
  const { db } = outsider(dataDir)
  db.exec("DELETE FROM meta WHERE key = 'group_number' OR key LIKE 'backfill:%'")
  db.close()

  const after = await openIn(dataDir)
  for (const { number: _, ...made } of [group, strange, orphan]) {
    const found = await after.groups.read(made.id)
    assert.deepEqual(found, { ...made, number: found?.number ?? null })
  }
  await after.members.change(group.id, 'bob', { role: 'owner' }, user('ann'), t0)
  assert.deepEqual((await after.groups.read(group.id))?.ownerIds, ['ann', 'bob'])
  await after.close()
})

test('the schema before: what the log says of a user is read as it was', async () => {
  const dataDir = folder()
  const before = await openIn(dataDir)
  const group = await aGroup(before, { members: ['ann'] })
  await before.groups.update(group.id, { name: 'New', authorizedUserIds: ['{"bob"}'] }, user('olga'), 1)
  const read = (store: typeof before) => store.log.read(group.id, { seq: 0, rev: 0 }, 10)
  const { changes } = await read(before)
  assert.deepEqual(
    changes.map(({ type, data }) => [type, data.user_id]),
    [
      ['group_updated', undefined],
      ['member_added', '{"bob"}'],
      ['member_removed', 'ann'],
    ],
  )
  await before.close()
  makeOlder(dataDir, 2)
  const after = await openIn(dataDir)
  // That version kept nothing but the user.
  const kept = changes.map((change) => {
    const { user_id } = change.data
    return { ...change, data: user_id === undefined ? {} : { user_id } }
  })
  assert.deepEqual((await read(after)).changes, kept)
  await after.close()
})

test('the schema before read marks: what was there is read, also where it is deleted later', async () => {
  const dataDir = folder()
  const before = await openIn(dataDir)
  const group = await aGroup(before, { members: ['ann', 'bob'] })
  const messages = await history(before, group, 5)
  await before.messages.delete(messages[4]?.id ?? '', user('ann'), t0)
  await before.close()
  makeOlder(dataDir, 10)

  const after = await openIn(dataDir)
  const read = async () => {
    const found = (await after.reads.ofUser('bob', [group.id])).get(group.id)
    return [found?.readSeq, found?.unreadCount]
  }
  assert.deepEqual(await read(), [5, 0])
  await history(after, group, 3)
  await after.messages.delete(messages[0]?.id ?? '', user('ann'), t0)
  assert.deepEqual(await read(), [5, 3])
  await after.close()
})

test('a newer schema', async () => {
  const { dataDir, file } = await usedFolder()
  const db = new DatabaseSync(file)
  db.exec('PRAGMA user_version = 1000')
  db.close()
  await refuses(dataDir, /newer chat-api/, /schema 1000/)
})

test('a folder that is a file', async () => {
  const file = join(folder(), 'file')
  writeFileSync(file, '')
  await refuses(file, /cannot be written/, /who owns it/)
})

test('a file that is a folder', async () => {
  const dataDir = folder()
  mkdirSync(join(dataDir, 'chat.db'))
  await refuses(dataDir, /chat\.db/, /cannot be written/)
})

test('a read-only folder, new and used', async (t) => {
  for (const used of [false, true]) {
    const disk = mountSmallDisk(2)
    if (!disk) return t.skip(noSmallDisk)
    try {
      if (used) await (await openIn(disk.dir)).close()
      disk.makeReadOnly()
      await refuses(disk.dir, /cannot be written/, /read-only/)
    } finally {
      disk.remove()
    }
  }
})

test('no room for a new database', async (t) => {
  const disk = mountSmallDisk(1)
  if (!disk) return t.skip(noSmallDisk)
  try {
    writeFileSync(join(disk.dir, 'ballast'), Buffer.alloc(1_000 * 1_024))
    await refuses(disk.dir, /disk is full/)
  } finally {
    disk.remove()
  }
})

test('the epoch stays until it is renewed', async () => {
  const dataDir = folder()
  let made = 0
  const open = () =>
    openSqliteStore({ dataDir, newEpoch: () => `epoch${++made}`, onFatal: (error) => assert.fail(error) })
  const first = await open()
  assert.equal(first.epoch, 'epoch1')
  await first.close()

  const second = await open()
  assert.equal(second.epoch, 'epoch1')
  await second.renewEpoch()
  assert.equal(second.epoch, 'epoch3')
  await second.close()

  const third = await open()
  assert.equal(third.epoch, 'epoch3')
  await third.close()
})

test('a clean close leaves one file, with everything in it', async () => {
  const { dataDir, file, groupId } = await usedFolder()
  const copy = folder()
  writeFileSync(join(copy, 'chat.db'), readFileSync(file))
  const [store, other] = [await openIn(dataDir), await openIn(copy)]
  assert.deepEqual(await other.log.readHead(groupId), await store.log.readHead(groupId))
  assert.equal((await other.groups.list(user('ann').userId, { offset: 0, limit: 1 })).total, 1)
  await Promise.all([store.close(), other.close()])
})
