import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connect, defaultTimeouts } from '../../src/store/mongo/engine/connect.ts'
import { StartError } from '../../src/store/start-error.ts'

test("the options that the store's promises rest on override those of the URL", async () => {
  const careless = 'w=1&journal=false&readPreference=secondary&readConcernLevel=local&retryWrites=true'
  const slow = 'socketTimeoutMS=0&serverSelectionTimeoutMS=99999&wtimeoutMS=0'
  const connection = connect(`mongodb://127.0.0.1:1/?${careless}&${slow}`, 'chat', defaultTimeouts)
  const { db } = connection
  const { socketTimeoutMS, serverSelectionTimeoutMS, retryWrites } = db.client.options
  await connection.close()

  const { w, journal, wtimeoutMS } = db.writeConcern ?? {}
  assert.deepEqual({ w, journal, wtimeoutMS }, { w: 'majority', journal: true, wtimeoutMS: 3_000 })
  assert.equal(db.readPreference.mode, 'primary')
  assert.equal(db.readConcern?.level, 'majority')
  assert.deepEqual(
    { socketTimeoutMS, serverSelectionTimeoutMS, retryWrites },
    { socketTimeoutMS: 4_000, serverSelectionTimeoutMS: 2_000, retryWrites: false },
  )
})

test('a URL that cannot be read is told to the operator', () => {
  for (const url of ['', 'localhost:27017', 'mongodb://', 'mongodb://h/?w=x&tls=maybe'])
    assert.throws(() => connect(url, 'chat', defaultTimeouts), StartError, url)
})
