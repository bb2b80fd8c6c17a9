import { type Document, MongoClient } from 'mongodb'
import type { MongoOptions, MongoStore } from '../../src/store/mongo/options.ts'
import { startMongo, type TestMongo } from './server.ts'
import { openInstance } from './store.ts'

/** Two instances on one new database, and an operator's way to its documents. */
export interface TwoInstances {
  readonly mongo: TestMongo
  readonly client: MongoClient
  readonly database: string
  readonly one: MongoStore
  readonly two: MongoStore
  raw<Doc extends Document>(collection: string): ReturnType<typeof collectionOf<Doc>>
  close(): Promise<void>
}

const collectionOf = <Doc extends Document>(client: MongoClient, database: string, name: string) =>
  client.db(database).collection<Doc>(name)

/** `own`: what each of the two is opened with, beside what all are. */
export async function startTwoInstances(own: Partial<MongoOptions>[] = []): Promise<TwoInstances> {
  const mongo = await startMongo()
  const client = new MongoClient(mongo.url)
  const database = mongo.newDatabase()
  const [one, two] = [
    await openInstance(mongo.url, database, own[0]),
    await openInstance(mongo.url, database, own[1]),
  ]
  return {
    mongo,
    client,
    database,
    one,
    two,
    raw: (collection) => collectionOf(client, database, collection),
    async close() {
      await Promise.all([one.store.close(), two.store.close()])
      await client.close()
      await mongo.stop()
    },
  }
}
