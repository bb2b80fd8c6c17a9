import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { MongoClient } from 'mongodb'
import type { StoreLocation } from '../../src/store/backup.ts'
import { copy } from '../../src/store/copy/copy.ts'
import { withSides } from '../../src/store/copy/open.ts'
import { CopyError, type NounCopy, type Side } from '../../src/store/copy/side.ts'
import { databaseFile } from '../../src/store/sqlite/engine/file.ts'
import { StartError } from '../../src/store/start-error.ts'
import type { Store } from '../../src/store/store.ts'
import type { Call, Ids } from '../contracts/model/command.ts'
import { feedLooks } from '../contracts/model/feed.ts'
import { groupCommands, groupLooks } from '../contracts/model/groups.ts'
import { inviteCommands, inviteLooks } from '../contracts/model/invites.ts'
import { logCommands, logLooks } from '../contracts/model/log.ts'
import { memberCommands, memberLooks } from '../contracts/model/members.ts'
import { mentionLooks } from '../contracts/model/mentions.ts'
import { messageCommands, messageLooks } from '../contracts/model/messages.ts'
import { pinCommands, pinLooks } from '../contracts/model/pins.ts'
import { preferenceCommands, preferenceLooks } from '../contracts/model/preferences.ts'
import { reactionCommands, reactionLooks } from '../contracts/model/reactions.ts'
import { readCommands, readLooks } from '../contracts/model/reads.ts'
import { revisionLooks } from '../contracts/model/revisions.ts'
import { newModel, sameContents } from '../contracts/model.ts'
import { createReferenceStore } from '../contracts/reference/store.ts'
import { mongoMissing, startMongo, type TestMongo } from '../mongo/server.ts'
import { openTestStore } from '../mongo/store.ts'
import { aFile, aGroup, aSend, erase, mostMembers, numbers, t0, user } from '../support/samples.ts'
import { openIn, tempFolder } from './open.ts'

const missing = await mongoMissing()
let mongo: TestMongo | undefined
before(async () => {
  if (!missing) mongo = await startMongo()
})
after(() => mongo?.stop())

/** What a service does beside its users (sweeps, profiles of those who are named) is compared by the copy alone. */
const sequences = fc.commands(
  [
    ...groupCommands,
    ...memberCommands,
    ...messageCommands,
    ...reactionCommands,
    ...pinCommands,
    ...readCommands,
    ...inviteCommands,
    ...preferenceCommands,
    ...logCommands,
  ],
  { maxCommands: 80, size: 'max' },
)

const looks = (ids: Ids): Call[] => [
  ...groupLooks(ids),
  ...memberLooks(ids),
  ...messageLooks(ids),
  ...mentionLooks(ids),
  ...revisionLooks(ids),
  ...reactionLooks(ids),
  ...pinLooks(ids),
  ...readLooks(ids),
  ...inviteLooks(ids),
  ...preferenceLooks(ids),
  ...logLooks(ids),
  ...feedLooks(ids),
]

/** A store that is empty. */
const places = {
  SQLite: (): StoreLocation => ({ mongodbUrl: null, databaseName: '', dataDir: tempFolder() }),
  MongoDB: (): StoreLocation => ({
    mongodbUrl: mongo?.url ?? '',
    databaseName: mongo?.newDatabase() ?? '',
    dataDir: '',
  }),
}

const open = ({ mongodbUrl, databaseName, dataDir }: StoreLocation): Promise<Store> =>
  mongodbUrl === null
    ? openIn(dataDir, { maxGroupMembers: mostMembers })
    : openTestStore(mongodbUrl, databaseName)

const copySides = (source: Side, target: Side, now = Date.now) =>
  copy({ source, target, now, onPage: () => undefined })
const copyAll = (from: StoreLocation, to: StoreLocation, now = Date.now) =>
  withSides(from, to, (source, target) => copySides(source, target, now))

const failsSaying = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CopyError || error instanceof StartError, String(error))
  assert.match(error.message, pattern)
  return true
}

const ways = [
  ['SQLite', 'SQLite'],
  ['SQLite', 'MongoDB'],
  ['MongoDB', 'SQLite'],
  ['MongoDB', 'MongoDB'],
] as const

for (const [from, to] of ways)
  describe(`a copy from ${from} to ${to}`, {
    skip: from + to === 'SQLiteSQLite' ? false : (missing ?? false),
  }, () => {
    test('has all that random commands made, and goes on as the first would have', async () => {
      const seed = Number(process.env.FAST_CHECK_SEED ?? Math.floor(Math.random() * 2 ** 31))
      const [first, second] = [places[from](), places[to]()]
      const reference = createReferenceStore()
      const models = Array.from({ length: 3 }, () => newModel(reference))
      const some = fc.sample(sequences, { seed, numRuns: 2 * models.length })

      const before = await open(first)
      const { epoch } = before
      try {
        for (const [i, model] of models.entries())
          await fc.asyncModelRun(() => ({ model, real: before }), some[i] as never)
      } catch (error) {
        throw new Error(`FAST_CHECK_SEED=${seed}`, { cause: error })
      } finally {
        await before.close()
      }
      await copyAll(first, second)

      const after = await open(second)
      try {
        assert.equal(after.epoch, epoch)
        for (const [i, model] of models.entries()) {
          await sameContents(model, after, looks)
          await fc.asyncModelRun(() => ({ model, real: after }), some[models.length + i] as never)
          await sameContents(model, after, looks)
        }
      } catch (error) {
        throw new Error(`FAST_CHECK_SEED=${seed}`, { cause: error })
      } finally {
        await after.close()
      }
    })

    test('goes on wherever it was cut', async () => {
      const [first, second] = [places[from](), places[to]()]
      const before = await open(first)
      const group = await manyMessages(before)
      const files = await someFiles(before, group)
      await before.close()

      let cuts = 0
      await withSides(first, second, async (source, target) => {
        for (let isDone = false; !isDone; ) {
          try {
            await copySides(source, cutAfter(target, 2))
            isDone = true
          } catch (error) {
            if (error !== cut) throw error
            cuts++
          }
        }
      })
      assert.ok(cuts > 10, `${cuts} cuts`)
      const { digests, blobs, wasWhole } = await copyAll(first, second)
      assert.ok(wasWhole)
      assert.deepEqual(blobs, { count: 3, bytes: 300_000, missing: [] })
      assert.equal(digests.get('messages')?.count, 2_500)

      const after = await open(second)
      try {
        const found = await after.log.read(group, { seq: 2_498, rev: 0 }, 10)
        assert.deepEqual(
          found.messages.map(({ seq, content }) => [seq, content]),
          [
            [2_499, 'message 2499'],
            [2_500, ''],
          ],
        )
        for (const [id, bytes] of files) {
          const content = await after.blobs.read(id)
          assert.ok(content)
          assert.ok(Buffer.concat(await chunksOf(content)).equals(bytes))
        }
      } finally {
        await after.close()
      }
    })

    test('has what people have beside their groups, and what is kept of what they did', async () => {
      const [first, second] = [places[from](), places[to]()]
      const before = await open(first)
      let was: unknown
      try {
        await peopleOf(before)
        was = await lookAt(before)
      } finally {
        await before.close()
      }
      await copyAll(first, second, () => t0 + 1_000)
      const after = await open(second)
      try {
        assert.deepEqual(await lookAt(after), was)
        // What is made next goes on from the last numbers and times.
        const { number } = await aGroup(after)
        assert.equal(number, 2)
        assert.equal((await after.attempts.take([budget], t0 + 3)) > 0, true)
        assert.equal(await after.feed.load('search'), null)
      } finally {
        await after.close()
      }
      assert.deepEqual(unknownKeys(await metaKeys(second)), [])
    })

    test('is refused into a store that has other data, and from one that has gone on meanwhile', async () => {
      const [first, second, third] = [places[from](), places[to](), places[to]()]
      const before = await open(first)
      await manyMessages(before, 3)
      await before.close()
      const other = await open(second)
      await manyMessages(other, 1)
      await other.close()
      await assert.rejects(copyAll(first, second), failsSaying(/There is other data in/))

      await copyAll(first, third)
      const later = await open(first)
      await manyMessages(later, 1)
      await later.close()
      await assert.rejects(
        copyAll(first, third),
        failsSaying(/not the same any more: settings .*groups \(2 here, 1 there\)/),
      )
    })

    test('is in use by nobody before it is whole', async () => {
      const [first, second] = [places[from](), places[to]()]
      const before = await open(first)
      await manyMessages(before, 3)
      await assert.rejects(copyAll(first, second), failsSaying(/chat-api process/))
      await before.close()
      await withSides(first, second, async (source, target) => {
        await assert.rejects(copySides(source, cutAfter(target, 5)), cut)
      })
      await assert.rejects(open(second), failsSaying(/not whole.*goes on/))
      await copyAll(first, second)
      await (await open(second)).close()
    })
  })

/** A group with so many messages, the last of which is deleted; its id. */
async function manyMessages(store: Store, count = 2_500): Promise<string> {
  const group = await aGroup(store, { members: ['ann', 'bob'] })
  const sent = await Promise.all(
    numbers(1, count).map((n) =>
      store.messages.append(aSend(group, { content: `message ${n}`, createdAt: t0 + n }), user('ann')),
    ),
  )
  await erase(store, [sent.map(({ value }) => value).find(({ seq }) => seq === count)])
  return group.id
}

/** Three files with their bytes, which no message has. */
async function someFiles(store: Store, groupId: string): Promise<Map<string, Buffer>> {
  const group = await store.groups.read(groupId)
  assert.ok(group)
  const files = new Map<string, Buffer>()
  for (const size of [0, 1, 299_999]) {
    const bytes = randomBytes(size)
    const file = aFile(group, { size, uploadedBy: 'ann' })
    const { sha256 } = await store.blobs.write(file.id, Readable.from([new Uint8Array(bytes)]))
    await store.files.add({ ...file, sha256 }, user('ann'), 1_000_000)
    files.set(file.id, bytes)
  }
  return files
}

const cut = new Error('cut')

/** The side as it is until it has kept so many pages; the next is written at most in part. */
function cutAfter(side: Side, pages: number): Side {
  let left = pages
  return {
    ...side,
    async keep(journal, noun, records) {
      if (left-- > 0) return side.keep(journal, noun, records)
      // SQLite writes the records and the journal in one.
      if (side.kind === 'mongodb' && noun && records)
        await (side.nouns[noun] as NounCopy<unknown>).fill(records.slice(0, records.length / 2))
      throw cut
    },
  }
}

async function chunksOf(content: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = []
  for await (const chunk of content) chunks.push(chunk)
  return chunks
}

const budget = { key: 'a key', most: 2, windowMs: 2_000_000_000_000 }
const far = 4_000_000_000_000

/** Accounts, files, reports and more, of every kind some. */
async function peopleOf(store: Store): Promise<void> {
  const group = await aGroup(store, { members: ['ann', 'bob'], owner: 'ann' })
  const ann = user('ann')
  await store.profiles.see(
    [{ userId: 'ann', username: 'ann', name: 'Ann Lee', email: 'ann@example.org', issuedAt: t0 }],
    t0,
  )
  await store.profiles.name(['bob'], t0)
  await store.profiles.register(
    { id: 'cem', username: 'cem', displayName: 'Cem', email: 'cem@example.org' },
    t0 + 1,
  )
  const account = { id: 'cem', passwordHash: 'hash', passwordVer: 1, disabled: false }
  await store.accounts.create({ ...account, createdAt: t0, updatedAt: t0 + 1 })
  for (const id of ['one', 'two']) {
    const times = { createdAt: t0, refreshedAt: t0 + 1, expiresAt: far }
    await store.sessions.create({ id, userId: 'cem', count: 0, hash: id, nextHash: null, ...times }, 1, 5)
  }
  await store.sessions.end('one', 'logged_out', far - 1_000)
  for (const at of [t0, t0 + 1.5]) await store.attempts.take([budget], at)
  await store.attempts.remember('known', far)
  await store.blocks.put('ann', 'mallory', t0)
  const picture = { sha256: 'a'.repeat(64), type: 'image/png' as const, bytes: Buffer.from([0, 255, 1]) }
  await store.avatars.put({ userId: 'ann' }, picture)
  await store.avatars.put({ groupId: group.id }, { ...picture, sha256: 'b'.repeat(64) })
  await store.secrets.read('push', 'a secret')
  const file = aFile(group, { uploadedBy: 'ann' })
  await store.files.add(file, ann, 1_000_000)
  const send = aSend(group, {
    attachments: await store.files.reserve([file.id], { id: 'f'.repeat(24), groupId: group.id }, ann, t0),
  })
  const { value: sent } = await store.messages.append({ ...send, id: 'f'.repeat(24) }, ann)
  await store.bans.put(group.id, 'eve', { reason: 'spam', until: null }, ann, t0)
  await store.messages.delete(sent.id, { userId: 'boss', admin: true }, t0 + 2)
  await store.erasures.begin('a digest', { userId: 'eve', by: 'root', alias: 'an alias' })
  await store.feed.save('webhooks', (await store.feed.read(null, 10)).next)
  await store.feed.reach('webhooks', new Map([[group.id, { seq: 1, rev: 1 }]]))
  await store.feed.save('search', (await store.feed.read(null, 10)).next)
}

/** The same of a store, as it is read. */
async function lookAt(store: Store): Promise<unknown> {
  const [id = ''] = await store.groups.listIds('ann', 1)
  const numbered = await store.profiles.read(['ann', 'bob', 'cem'])
  const { entries } = await store.audit.list({ limit: 10 })
  const avatars = await Promise.all(['a', 'b'].map((letter) => store.avatars.read(letter.repeat(64))))
  return {
    profiles: numbered.toSorted((a, b) => a.number - b.number),
    accounts: await store.accounts.list(null, 10),
    sessions: await Promise.all(['one', 'two'].map((each) => store.sessions.read(each, t0))),
    ended: await store.sessions.listEnded({ endedAt: 0, id: '' }, 10),
    remembered: await store.attempts.isRemembered('known', t0),
    blocks: await store.blocks.list('ann'),
    avatars: avatars.map((avatar) => avatar && Buffer.from(avatar.bytes).toString('hex')),
    secret: await store.secrets.read('push', 'another'),
    uploads: await store.files.uploaded('ann', t0),
    messages: await store.messages.listWithDeleted(id, { limit: 10, offset: 0 }),
    audit: entries.map(({ id: _, ...deed }) => deed),
    unfinished: await store.erasures.unfinished(9),
    erasure: await store.erasures.begin('a digest', { userId: 'eve', by: 'root', alias: 'another' }),
    consumed: await store.feed.positions('webhooks', [id]),
    hasCursor: (await store.feed.load('webhooks')) !== null,
  }
}

async function metaKeys({ mongodbUrl, databaseName, dataDir }: StoreLocation): Promise<string[]> {
  if (mongodbUrl === null) {
    const db = new DatabaseSync(databaseFile(dataDir), { readOnly: true })
    const keys = db.prepare('SELECT key FROM meta').all()
    db.close()
    return keys.map(({ key }) => String(key))
  }
  const client = await new MongoClient(mongodbUrl).connect()
  const docs = await client.db(databaseName).collection<{ _id: string }>('meta').find().toArray()
  await client.close()
  return docs.map(({ _id }) => _id)
}

/** Whoever keeps something more there has to say here that it is copied, or is the store's own. */
const knownKeys =
  /^(epoch|group_number|profile_number|moves|copy|adopter|adoption)$|^(backfill|feed|secret|lease|deleted|adopting):/
const unknownKeys = (keys: readonly string[]): string[] => keys.filter((key) => !knownKeys.test(key))
