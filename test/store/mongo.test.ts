import { after, before, test } from 'node:test'
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

  const open = async () => {
    const database = mongo.newDatabase()
    let store = await openTestStore(mongo.url, database)
    return {
      store,
      async reopen() {
        await store.close()
        store = await openTestStore(mongo.url, database)
        return store
      },
      close: () => store.close(),
    }
  }
  storeContract('MongoDB', open)
  storeModel('MongoDB', open, 15)
}
