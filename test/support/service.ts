import { rmSync } from 'node:fs'
import { after } from 'node:test'
import { readConfig } from '../../src/config.ts'
import type { GroupView } from '../../src/domain/group.ts'
import { start } from '../../src/main.ts'
import { createLog } from '../../src/observe/log.ts'
import { startMongo, type TestMongo } from '../mongo/server.ts'
import { type Api, createApi } from './api.ts'
import { secret, temporaryFolder, tokenFor } from './process.ts'
import { openSocket, type SocketOptions, type TestSocket } from './socket.ts'
import { writerFile } from './writer-file.ts'

/** The service in this process, on a free port, with a store of its own: SQLite, or MongoDB with TEST_STORE=mongodb. */
export interface TestService {
  /** The service's URL, without the prefix. */
  readonly url: string
  /** The service's URL, with the prefix. */
  readonly base: string
  api(sub: string, claims?: { scope?: string }): Promise<Api>
  /** A new group of these users, with the client of the first, who owns it, and the path of its socket. */
  group(owner: string, ...others: string[]): Promise<{ owner: Api; group: GroupView; path: string }>
  /** Opens a socket, with a token of `sub` unless `options` say otherwise. `path` is below the prefix, for example `/ws`. */
  socket(sub: string, path: string, options?: SocketOptions): Promise<TestSocket>
  /** All lines logged so far. */
  readonly logged: readonly string[]
  /** Moves all of the service's clocks by so many milliseconds. */
  advance(ms: number): void
  /** Sets the clock of the service's machine back; no time goes by. */
  setBack(ms: number): void
  [Symbol.asyncDispose](): Promise<void>
}

/** One MongoDB for all services of a test file. test/mongo/server.ts chooses the server. */
let mongo: Promise<TestMongo> | undefined
after(async () => (await mongo)?.stop())

/** The variables for a new database on MongoDB: services that share them are instances of one. */
export async function newDatabaseEnv(): Promise<{ MONGODB_URL: string; DATABASE_NAME: string }> {
  mongo ??= startMongo()
  const { url, newDatabase } = await mongo
  return { MONGODB_URL: url, DATABASE_NAME: newDatabase() }
}

const storeEnv = async (): Promise<Record<string, string>> =>
  process.env.TEST_STORE === 'mongodb' ? newDatabaseEnv() : {}

export async function startService(env: Record<string, string> = {}): Promise<TestService> {
  const folder = temporaryFolder()
  const logged: string[] = []
  let aheadMs = 0
  let backMs = 0
  const now = () => Date.now() + aheadMs - backMs
  const config = readConfig({
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: folder.path,
    JWT_SECRET: secret,
    RATE_LIMIT_MESSAGES: '0',
    RATE_LIMIT_REQUESTS: '0',
    LOG_JSON_FORMAT: 'true',
    LOG_LEVEL: 'DEBUG',
    ...('MONGODB_URL' in env ? {} : await storeEnv()),
    ...env,
  })
  const log = createLog({
    level: 'debug',
    format: 'json',
    now,
    write: (text) => logged.push(...text.trimEnd().split('\n')),
  })
  const service = await start(config, {
    log,
    now,
    clock: () => performance.now() + aheadMs,
    ...(config.mongodbUrl === null && { writerFile: writerFile() }),
    onFatal(error) {
      throw error
    },
  })
  const base = `${service.url}${config.apiPrefix}`
  return {
    url: service.url,
    base,
    api: async (sub, claims) => createApi(base, { token: await tokenFor(sub, claims) }),
    async group(owner, ...others) {
      const api = createApi(base, { as: owner })
      const group = await api.createGroup('a group', others)
      return { owner: api, group, path: `/ws/${group.id}` }
    },
    socket: async (sub, path, options = {}) =>
      openSocket(base + path, { token: await tokenFor(sub), ...options }),
    get logged() {
      log.flush()
      return logged
    },
    advance(ms) {
      aheadMs += ms
    },
    setBack(ms) {
      backMs += ms
    },
    async [Symbol.asyncDispose]() {
      await service.close()
      rmSync(folder.path, { recursive: true, force: true })
    },
  }
}
