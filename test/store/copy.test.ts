import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import type { StoreLocation } from '../../src/store/backup.ts'
import { copy } from '../../src/store/copy/copy.ts'
import { withSides } from '../../src/store/copy/open.ts'
import { CopyError, type NounCopy, type Side } from '../../src/store/copy/side.ts'
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

const copySides = (source: Side, target: Side) =>
  copy({ source, target, now: Date.now, onPage: () => undefined })
const copyAll = (from: StoreLocation, to: StoreLocation) => withSides(from, to, copySides)

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
    const { sha256 } = await store.blobs.write(file.id, Readable.from([bytes]))
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
