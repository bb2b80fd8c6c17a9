import { type Collection, type Document, MongoClient } from 'mongodb'
import type { TestMongo } from '../../mongo/server.ts'
import { type Api, apiOf, baseOf } from '../../support/api.ts'
import { tokenFor } from '../../support/process.ts'
import { openSocket, type TestSocket } from '../../support/socket.ts'
import { type Instance, startInstance } from '../cluster.ts'

/** A database, and the way to its documents past all instances, as an operator has it. */
export interface Database extends AsyncDisposable {
  readonly env: { MONGODB_URL: string; DATABASE_NAME: string }
  collection<Doc extends Document = Document>(name: string): Collection<Doc>
}

/** Two instances on one database. */
export interface Pair extends AsyncDisposable {
  readonly mongo: TestMongo
  readonly a: Instance
  readonly b: Instance
  readonly collection: Database['collection']
  api(at: Instance, user: string): Api
  /** `path`: below the prefix. */
  open(at: Instance, user: string, path: string, after?: string): Promise<TestSocket>
  /** Links as they are while nothing is amiss: the one of `b` is slow, and its change streams lag, up to so many milliseconds. */
  heal(lagMs?: number): void
}

/** Milliseconds. */
const slowMs = 2
const usualLagMs = 200

export async function newDatabase(mongo: TestMongo): Promise<Database> {
  const env = { MONGODB_URL: mongo.url, DATABASE_NAME: mongo.newDatabase() }
  const client = await new MongoClient(mongo.url).connect()
  return {
    env,
    collection: (name) => client.db(env.DATABASE_NAME).collection(name),
    [Symbol.asyncDispose]: () => client.close(),
  }
}

export interface PairOptions {
  /** It goes with the pair. One of its own, unless given. */
  database?: Database
  /** Whose requests wait for the database for long: on a busy machine they may have to, where no race is about that. */
  patient?: readonly ('a' | 'b')[] | undefined
  /** Settings of both. */
  env?: Readonly<Record<string, string>> | undefined
}

const patience = { MONGO_TIMEOUT: '20s' }

export async function startPair(
  mongo: TestMongo,
  { database, patient = ['a', 'b'], env = {} }: PairOptions = {},
): Promise<Pair> {
  const own = database ?? (await newDatabase(mongo))
  const [a, b] = await startBoth(
    (['a', 'b'] as const).map((name) => ({ ...own.env, ...env, ...(patient.includes(name) && patience) })),
  )

  function heal(lagMs = usualLagMs): void {
    a.link.heal()
    b.link.heal()
    b.link.slow(slowMs)
    b.link.lagStreams(lagMs)
  }

  heal()
  return {
    mongo,
    a,
    b,
    heal,
    collection: own.collection,
    api: (at, user) => apiOf(at.url, user),
    open: async (at, user, path, after) =>
      openSocket(baseOf(at.url) + path, {
        token: await tokenFor(user),
        ...(after !== undefined && { after }),
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all([a.stop(), b.stop()])
      await own[Symbol.asyncDispose]()
    },
  }
}

/** Leaves none behind where one does not start. */
async function startBoth(
  envs: readonly Parameters<typeof startInstance>[0][],
): Promise<[Instance, Instance]> {
  const [a, b] = await Promise.allSettled(envs.map(startInstance))
  if (a?.status === 'fulfilled' && b?.status === 'fulfilled') return [a.value, b.value]
  for (const each of [a, b]) if (each?.status === 'fulfilled') await each.value.stop()
  throw a?.status === 'rejected'
    ? a.reason
    : b?.status === 'rejected'
      ? b.reason
      : new Error('two are needed')
}
