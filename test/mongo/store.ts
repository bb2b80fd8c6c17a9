import { randomBytes } from 'node:crypto'
import { createTurns } from '../../src/store/mongo/log/turns.ts'
import type { MongoOptions, MongoStore } from '../../src/store/mongo/options.ts'
import { openMongoStore } from '../../src/store/mongo/store.ts'
import type { Store } from '../../src/store/store.ts'
import { mostMembers } from '../support/samples.ts'

const randomName = (): string => randomBytes(6).toString('hex')

/** Opens an instance of its own on this database, which logs nothing. */
export const openInstance = (
  url: string,
  database: string,
  over: Partial<MongoOptions> = {},
): Promise<MongoStore> =>
  openMongoStore({
    url,
    database,
    instanceId: randomName(),
    now: Date.now,
    newEpoch: randomName,
    log: { info: () => undefined, warn: () => undefined },
    ...over,
  })

/** Turns for a log that has one writer. */
export const noTurns = createTurns({ instanceId: 'alone', clock: () => 0, send: () => undefined })

export const openTestStore = async (
  url: string,
  database: string,
  over: Partial<MongoOptions> = {},
): Promise<Store> => (await openInstance(url, database, { maxGroupMembers: mostMembers, ...over })).store
