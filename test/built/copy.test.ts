import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { MongoClient } from 'mongodb'
import { databaseFile } from '../../src/store/sqlite/engine/file.ts'
import { fill } from '../bench/fill.ts'
import { mongoMissing, startMongo, type TestMongo } from '../mongo/server.ts'
import { type Api, baseOf, createApi } from '../support/api.ts'
import { builtFile, spawnService, temporaryFolder, watchProcess } from '../support/process.ts'
import { run } from './command.ts'
import { answersOf } from './copy/answers.ts'
import { liveIn } from './copy/life.ts'

/** Of one group; the copy is cut while it copies them. */
const manyMessages = Number(process.env.MESSAGES ?? 3_000)

describe('chat-api copy', { skip: (await mongoMissing()) ?? false }, () => {
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

  test('moves all to MongoDB and back, though it is killed twice each way: clients are answered the same, and go on', async () => {
    using first = temporaryFolder()
    using second = temporaryFolder()
    using nowhere = temporaryFolder()
    const large = fill(first.path, manyMessages, ['ann', 'bob'])
    const database = mongo.newDatabase()
    const onMongo = { MONGODB_URL: mongo.url, DATABASE_NAME: database }

    const answers = await whileServing(first.path, {}, async (api, url) => {
      await liveIn(api, large)
      return answersOf(api, url)
    })
    const to = mongo.url.replace(/^(\w+:\/\/[^/?]+)\/?/, `$1/${database}`)
    const there = await copyKilledTwice(first.path, to, async () => {
      const kept = await client
        .db(database)
        .collection<{ _id: string; value: string }>('meta')
        .findOne({ _id: 'copy' })
      return kept?.value ?? null
    })
    const same = await whileServing(nowhere.path, onMongo, answersOf)
    assert.deepEqual(same, answers)

    const back = await copyKilledTwice(to, second.path, () => journalIn(second.path))
    assert.equal(back, there)
    assert.deepEqual(await whileServing(second.path, {}, answersOf), answers)
  })

  test('says what is wrong with what it is given', async () => {
    using folder = temporaryFolder()
    using empty = temporaryFolder()
    fill(folder.path, 1)
    const env = { DATA_DIR: folder.path }
    const cases: [string[], number, RegExp][] = [
      [['--to', empty.path], 64, /--from is missing/],
      [['--from', 'postgres://x', '--to', empty.path], 64, /--from is a folder, or a URL of MongoDB/],
      [['--from', `${empty.path}/none`, '--to', empty.path], 1, /There is no database/],
      [['--from', folder.path, '--to', folder.path], 1, /Both are the same/],
      [['--from', 'mongodb://127.0.0.1:1/x', '--to', empty.path], 1, /MongoDB does not answer/],
    ]
    for (const [args, code, says] of cases) {
      const ended = await run(['copy', ...args], env)
      assert.equal(ended.code, code, args.join(' '))
      assert.match(ended.err, says)
    }
  })
})

/** Serves the data, on SQLite in the folder unless `env` says otherwise, for as long as the work takes. */
async function whileServing<T>(
  folder: string,
  env: Record<string, string>,
  work: (api: Api, url: string) => Promise<T>,
): Promise<T> {
  const service = await spawnService(folder, env)
  try {
    return await work(createApi(baseOf(service.url), { as: 'ann' }), service.url)
  } finally {
    assert.equal(await service.end('SIGTERM'), 0)
  }
}

/** Copies, and is killed twice in the middle of the messages. Resolves to the counts and sums that it ends with. */
async function copyKilledTwice(
  from: string,
  to: string,
  journal: () => Promise<string | null>,
): Promise<string> {
  const args = [builtFile, 'copy', '--from', from, '--to', to]
  const start = () =>
    spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH } })
  let seen = ''
  for (let cuts = 0; cuts < 2; cuts++) {
    const child = start()
    const { ended, output } = watchProcess(child)
    const kept = await untilIn(child, 'messages', seen, journal)
    assert.ok(kept !== null, output())
    seen = kept
    child.kill('SIGKILL')
    assert.equal(await ended, null, output())
  }
  const { ended, output } = watchProcess(start())
  assert.equal(await ended, 0, output())
  assert.match(output(), /Done: both are the same/)
  const figures = /(^ {2}settings .*)^Done/ms.exec(output())?.[1] ?? ''
  return figures.replace(/^ {2}\d+ .*\n/gm, '')
}

/** Resolves to the journal as soon as it is further than it was, within this noun; to null when the process has ended before. */
async function untilIn(
  child: ChildProcess,
  noun: string,
  before: string,
  journal: () => Promise<string | null>,
): Promise<string | null> {
  while (child.exitCode === null) {
    const kept = await journal()
    if (kept !== null && kept !== before) {
      const at = JSON.parse(kept)
      if (at.noun === noun && at.after !== null) return kept
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  return null
}

async function journalIn(folder: string): Promise<string | null> {
  try {
    const db = new DatabaseSync(databaseFile(folder), { readOnly: true })
    try {
      return String(db.prepare("SELECT value FROM meta WHERE key = 'copy'").get()?.value ?? '') || null
    } finally {
      db.close()
    }
  } catch {
    // It is not made yet, or its schema.
    return null
  }
}
