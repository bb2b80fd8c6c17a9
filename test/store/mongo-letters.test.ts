import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupEndLetter } from '../../src/domain/letter.ts'
import { createDeletions } from '../../src/store/mongo/deletions.ts'
import { connect, defaultTimeouts } from '../../src/store/mongo/engine/connect.ts'
import { createLetters } from '../../src/store/mongo/letters.ts'
import { mongoMissing, startMongo } from '../mongo/server.ts'
import { newId, t0 } from '../support/samples.ts'

test('a deletion that ended before its letter was written is finished with the letter, once', {
  skip: (await mongoMissing()) ?? false,
}, async () => {
  await using undo = new AsyncDisposableStack()
  const mongo = await startMongo()
  undo.defer(() => mongo.stop())
  const connection = connect(mongo.url, mongo.newDatabase(), defaultTimeouts)
  await connection.open()
  undo.defer(() => connection.close())
  const deletions = createDeletions({
    connection,
    patient: connection,
    members: { forget: () => undefined },
    names: { release: async () => undefined },
    readHead: async () => null,
    tellsEnds: true,
    onGone: () => undefined,
  })
  const [untold, told, deleted] = [newId(), newId(), newId()]
  const note = (group_id: string, is_told: boolean) => ({
    _id: `deleted:${group_id}`,
    group_id,
    at: t0,
    is_told,
  })
  await connection.meta.insertMany([note(untold, false), note(told, true)])
  const letters = createLetters(connection)
  await deletions.finish() // what it finds for the first time may be under way
  assert.deepEqual(await letters.list('all', 10), [])
  await deletions.finish()
  assert.deepEqual(await letters.list('all', 10), [groupEndLetter(untold, t0)])
  assert.equal(await connection.meta.countDocuments({ _id: /^deleted:/ as never }), 0)

  await deletions.delete(deleted, t0 + 1)
  await letters.remove([groupEndLetter(deleted, t0).id])
  await deletions.finish()
  await deletions.finish()
  assert.deepEqual(await letters.list('all', 10), [groupEndLetter(untold, t0)], 'it is not written again')
})
