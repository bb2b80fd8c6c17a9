import { after, before, test } from 'node:test'
import type { MongoOptions } from '../../src/store/mongo/options.ts'
import { storeModel } from '../contracts/model.ts'
import { storeContract } from '../contracts/store.ts'
import { mongoMissing, startMongo, type TestMongo } from '../mongo/server.ts'
import { openTestStore } from '../mongo/store.ts'

const missing = await mongoMissing()

if (missing) test('the store contract on MongoDB', { skip: missing })
else {
  let mongo: TestMongo
  before(async () => {
    mongo = await startMongo()
  })
  after(() => mongo.stop())

  const open = async (over: Partial<MongoOptions> = {}) => {
    const database = mongo.newDatabase()
    let store = await openTestStore(mongo.url, database, over)
    return {
      store,
      async reopen() {
        await store.close()
        store = await openTestStore(mongo.url, database, over)
        return store
      },
      close: () => store.close(),
    }
  }
  storeContract('MongoDB', open, () => open({ tellsEnds: true }))
  storeModel('MongoDB', open, 15)
}
