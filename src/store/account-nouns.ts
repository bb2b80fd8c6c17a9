import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { StoreLocation } from './backup.ts'
import { createAccounts } from './mongo/accounts.ts'
import { createAttempts } from './mongo/attempts.ts'
import { connect, defaultTimeouts } from './mongo/engine/connect.ts'
import { toChatError } from './mongo/engine/failure.ts'
import { makeIndexes } from './mongo/engine/indexes.ts'
import { createProfiles } from './mongo/profiles.ts'
import { createSessions } from './mongo/sessions.ts'
import { createAccountStore } from './sqlite/accounts.ts'
import { databaseFile, openForReading } from './sqlite/engine/file.ts'
import { createProfileStore } from './sqlite/profiles.ts'
import { openSqliteStore } from './sqlite/store.ts'
import { StartError } from './start-error.ts'
import type { Store } from './store.ts'

/** The part of the store that a command about users needs, without what a service does beside. */
export interface AccountNouns extends Pick<Store, 'accounts' | 'attempts' | 'profiles' | 'sessions'> {
  close(): Promise<void>
}

/** SQLite: only while no service runs. MongoDB: at any time. Throws StartError. */
export const openAccountNouns = (location: StoreLocation): Promise<AccountNouns> =>
  location.mongodbUrl === null
    ? openSqlite(location.dataDir)
    : openMongo(location.mongodbUrl, location.databaseName)

const openSqlite = (dataDir: string): Promise<AccountNouns> =>
  openSqliteStore({
    dataDir,
    newEpoch: () => randomBytes(6).toString('hex'),
    onFatal(error) {
      throw error
    },
  })

async function openMongo(url: string, database: string): Promise<AccountNouns> {
  const connection = connect(url, database, defaultTimeouts)
  try {
    await connection.open()
    await makeIndexes(connection)
  } catch (error) {
    await connection.close()
    throw error instanceof StartError || toChatError(error) === error
      ? error
      : new StartError(`MongoDB does not answer: ${(error as Error).message}`, { cause: error })
  }
  return {
    accounts: createAccounts(connection),
    attempts: createAttempts(connection),
    profiles: createProfiles(connection),
    sessions: createSessions(connection),
    close: () => connection.close(),
  }
}

/** Reads from the store, also while a service has it. Throws StartError when there is none. */
export async function readAccountNouns<T>(
  location: StoreLocation,
  work: (nouns: Pick<Store, 'accounts' | 'profiles'>) => Promise<T>,
): Promise<T> {
  if (location.mongodbUrl !== null) {
    const nouns = await openMongo(location.mongodbUrl, location.databaseName)
    return work(nouns).finally(nouns.close)
  }
  const file = databaseFile(location.dataDir)
  if (!existsSync(file)) throw new StartError(`There is no database: ${file}. Is DATA_DIR right?`)
  const db = openForReading(file)
  const database = {
    read: <R>(run: () => R): R => run(),
    write: () => Promise.reject(new Error('This is for reading only.')),
  }
  const nouns = {
    accounts: createAccountStore({ db, database }),
    profiles: createProfileStore({ db, database }),
  }
  return work(nouns).finally(() => db.close())
}
