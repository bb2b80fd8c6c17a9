import { createFileSweep } from '../../../src/store/file-sweep.ts'
import { inspectStore } from '../../../src/store/inspect.ts'
import { leaseTimes } from '../../../src/store/lease.ts'
import type { Store } from '../../../src/store/store.ts'
import { startMongo } from '../../mongo/server.ts'
import { openInstance } from '../../mongo/store.ts'
import { openIn } from '../../store/open.ts'
import { eventually } from '../../support/eventually.ts'
import { freePort, spawnService, temporaryFolder } from '../../support/process.ts'
import { type Instance, startInstance } from '../cluster.ts'

/** A service of one or more processes of the built file, and the store that it is on. */
export interface Place {
  readonly instances: readonly Pick<Instance, 'url' | 'kill' | 'restart' | 'output'>[]
  /** What the doctor says of the files. */
  lookAtFiles(): Promise<string>
  /** Ends the service, and removes what is left over as a service does that runs for another day. `holds` is asked until then. */
  sweep(holds: () => Promise<boolean>): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const days = (count: number): number => count * 24 * 3_600_000

async function sweepStore(store: Store, holds: () => Promise<boolean>): Promise<void> {
  // An instance that was killed may have had a lease, which another one gets when it expires.
  for (const name of ['files_gone', 'files_unsent', 'files_left_over']) {
    await eventually(`${name} is free`, () => store.lease.take(name), leaseTimes.expireMs + 5_000)
    await store.lease.release(name)
  }
  const log = { info: () => undefined, warn: () => undefined }
  const clock = () => performance.now()
  const { stop } = createFileSweep({ store, now: () => Date.now() + days(1.1), clock, log })
  try {
    await eventually('nothing is left over', holds, 30_000)
  } finally {
    stop()
  }
}

const filesIn = async (location: Parameters<typeof inspectStore>[0]): Promise<string> => {
  const check = (await inspectStore(location)).find(({ what }) => what === 'files')
  return check ? `${check.level}: ${check.text}` : 'no look at the files'
}

/** One process on SQLite. */
export async function onSqlite(env: Record<string, string>): Promise<Place> {
  const folder = temporaryFolder()
  const own = { ...env, PORT: String(await freePort()) }
  let service = await spawnService(folder.path, own)
  const ended: string[] = []
  const instance = {
    url: service.url,
    output: () => [...ended, service.output()].join(''),
    kill: async () => void (await service.end('SIGKILL')),
    async restart(more = {}) {
      ended.push(service.output())
      service = await spawnService(folder.path, { ...own, ...more })
    },
  }
  const lookAtFiles = () => filesIn({ dataDir: folder.path, mongodbUrl: null, databaseName: '' })
  return {
    instances: [instance],
    lookAtFiles,
    async sweep(holds) {
      await service.end('SIGTERM')
      const store = await openIn(folder.path)
      await sweepStore(store, holds).finally(() => store.close())
    },
    async [Symbol.asyncDispose]() {
      await service.end('SIGTERM')
      folder[Symbol.dispose]()
    },
  }
}

/** Two processes on one MongoDB. */
export async function onMongo(env: Record<string, string>): Promise<Place> {
  const mongo = await startMongo()
  const database = mongo.newDatabase()
  const own = { ...env, MONGODB_URL: mongo.url, DATABASE_NAME: database }
  const instances = [await startInstance(own), await startInstance(own)]
  let areStopped = false
  const stop = async () => {
    if (!areStopped) await Promise.all(instances.map((instance) => instance.stop()))
    areStopped = true
  }
  return {
    instances,
    lookAtFiles: () => filesIn({ dataDir: '', mongodbUrl: mongo.url, databaseName: database }),
    async sweep(holds) {
      await stop()
      const { store } = await openInstance(mongo.url, database)
      await sweepStore(store, holds).finally(() => store.close())
    },
    async [Symbol.asyncDispose]() {
      await stop()
      await mongo.stop()
    },
  }
}
