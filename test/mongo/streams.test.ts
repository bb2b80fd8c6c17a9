import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ChangeStream, type Collection, MongoBulkWriteError, MongoClient, type ObjectId } from 'mongodb'
import { seededRandom } from '../built/random.ts'
import { eventually } from '../support/eventually.ts'
import { mongoMissing, startMongo, type TestMongo } from './server.ts'

interface Doc {
  _id: ObjectId | number
  slot?: string
  n?: number
}

/** A change of a stream, as short as the tests need it. */
interface Told {
  operation: string
  id: string
  document: Doc | undefined
}

/** The other tests rest on this: the streams of the server, or the stand-in, tell what was written, once and in order. */
describe('the change streams of the MongoDB that the tests use', {
  skip: (await mongoMissing()) ?? false,
}, () => {
  let mongo: TestMongo
  let client: MongoClient
  before(async () => {
    mongo = await startMongo()
    client = await new MongoClient(mongo.url).connect()
  })
  after(async () => {
    await client.close()
    await mongo.stop()
  })

  async function open() {
    const docs: Collection<Doc> = client.db(mongo.newDatabase()).collection<Doc>('docs')
    await docs.createIndex({ slot: 1 }, { unique: true, sparse: true })
    const stream = docs.watch([], { maxAwaitTimeMS: 100 })
    const told: Told[] = []
    // The stream begins where it was opened.
    await stream.tryNext()
    return { docs, stream, told, last: () => follow(stream, told, docs) }
  }

  /** Reads until the stream tells of a document that is written now. */
  async function follow(stream: ChangeStream<Doc>, told: Told[], docs: Collection<Doc>): Promise<void> {
    await docs.insertOne({ _id: -1 })
    await eventually('the stream tells the last write', async () => {
      for (let event = await stream.tryNext(); event; event = await stream.tryNext()) {
        if (!('documentKey' in event)) continue
        const id = String(event.documentKey._id)
        if (id === '-1') return true
        const document = 'fullDocument' in event ? event.fullDocument : undefined
        told.push({ operation: event.operationType, id, document })
      }
      return false
    })
    await stream.close()
  }

  test('writers that meet on a number: each number is told once, in order, and no insert that was refused', async () => {
    const { docs, told, last } = await open()
    let refused = 0
    async function write(): Promise<void> {
      for (let mine = 0; mine < 40; ) {
        const head = (await docs.find({}).sort({ n: -1 }).limit(1).toArray())[0]?.n ?? 0
        const next = [1, 2, 3].map((step) => ({ n: head + step, slot: `${head + step}` }) as Doc)
        try {
          await docs.insertMany(next, { ordered: true })
          mine += next.length
        } catch (error) {
          assert.ok(error instanceof MongoBulkWriteError)
          refused++
          mine += error.insertedCount
        }
      }
    }
    await Promise.all([1, 2, 3, 4, 5, 6].map(write))
    await last()
    const there = await docs.find({ n: { $gt: 0 } }).toArray()
    assert.ok(refused > 0)
    assert.deepEqual(
      told.map(({ document }) => document?.n),
      there.map((_, i) => i + 1),
    )
  })

  test('random writes: what is told is what was done, each change once, and leads to what is there', async () => {
    const { docs, told, last } = await open()
    const random = seededRandom(1)
    const counts = { insert: 0, update: 0, replace: 0, delete: 0 }
    const count = (operation: keyof typeof counts, times = 1) => {
      counts[operation] += times
    }
    const ids = [1, 2, 3, 4, 5]
    async function write(): Promise<void> {
      for (let i = 0; i < 150; i++) {
        const _id = ids[Math.floor(random() * ids.length)] ?? 1
        const n = Math.floor(random() * 3)
        const dice = random()
        if (dice < 0.2) await docs.insertOne({ _id, n }).then(() => count('insert'), ignoreDuplicate)
        else if (dice < 0.4) {
          const { modifiedCount } = await docs.updateOne({ _id }, { $set: { n } })
          count('update', modifiedCount)
        } else if (dice < 0.5) {
          const before = await docs.findOneAndUpdate({ _id }, { $set: { n } }, { returnDocument: 'before' })
          if (before && before.n !== n) count('update')
        } else if (dice < 0.6) {
          const increment = { $inc: { n: 1 } }
          if (await docs.findOneAndUpdate({ _id }, increment, { returnDocument: 'after' })) count('update')
        } else if (dice < 0.7) {
          const upserted = await docs.updateOne({ _id }, { $inc: { n: 1 } }, { upsert: true })
          count('insert', upserted.upsertedCount)
          count('update', upserted.modifiedCount)
        } else if (dice < 0.8) {
          const { modifiedCount } = await docs.replaceOne({ _id }, { n })
          count('replace', modifiedCount)
        } else if (dice < 0.9) {
          const { deletedCount } = await docs.deleteOne({ _id })
          count('delete', deletedCount)
        } else if (await docs.findOneAndDelete({ _id })) count('delete')
      }
    }
    await Promise.all([1, 2, 3, 4, 5, 6].map(write))
    await last()

    const present = new Set<string>()
    for (const { operation, id } of told) {
      assert.equal(present.has(id), operation !== 'insert', `${operation} of ${id}`)
      if (operation === 'insert') present.add(id)
      if (operation === 'delete') present.delete(id)
    }
    const there = await docs.find({ _id: { $gt: 0 } }).toArray()
    assert.deepEqual([...present].sort(), there.map(({ _id }) => String(_id)).sort())
    const times = (of: string) => told.filter(({ operation }) => operation === of).length
    assert.deepEqual(Object.fromEntries(Object.keys(counts).map((of) => [of, times(of)])), counts)
  })

  test('a document is answered as it was at one moment, also while it is changed', async () => {
    const { docs, stream } = await open()
    await stream.close()
    const fields = Array.from({ length: 40 }, (_, i) => `f${i}`)
    const all = (value: number) => Object.fromEntries(fields.map((field) => [field, value]))
    await docs.insertOne({ _id: 1, ...all(0) })
    let over = false
    async function write(): Promise<void> {
      for (let value = 1; value <= 300; value++) await docs.updateOne({ _id: 1 }, { $set: all(value) })
      over = true
    }
    async function read(): Promise<void> {
      while (!over) {
        const { _id, ...values } = (await docs.findOne({ _id: 1 })) ?? { _id: 0 }
        assert.equal(new Set(Object.values(values)).size, 1)
      }
    }
    await Promise.all([write(), read(), read(), read(), read()])
  })
})

function ignoreDuplicate(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 11000)) throw error
}
