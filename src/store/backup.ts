import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { connect, defaultTimeouts } from './mongo/engine/connect.ts'
import { renewEpoch } from './mongo/engine/epoch.ts'
import { type BackedUp, backupSqlite } from './sqlite/engine/backup.ts'
import { databaseFile } from './sqlite/engine/file.ts'
import { openSqliteStore } from './sqlite/store.ts'
import { StartError } from './start-error.ts'

/** Where the data is: in MongoDB when there is a URL, else in the folder. */
export interface StoreLocation {
  readonly mongodbUrl: string | null
  readonly databaseName: string
  readonly dataDir: string
}

/** Copies the database into a new file, and what lies beside it, also while the service runs. Throws Error, with a message for the operator. */
export function backUp({ mongodbUrl, dataDir }: StoreLocation, file: string): BackedUp {
  if (mongodbUrl !== null) throw new Error('The service stores in MongoDB: back it up with mongodump.')
  return backupSqlite(dataDir, file)
}

/**
 * Renews the epoch after a restore, while no service runs: numbers given out since the backup will be given again, so
 * cursors from before must not count. Throws StartError.
 */
export async function markRestored(location: StoreLocation): Promise<void> {
  await (location.mongodbUrl === null
    ? markSqlite(location.dataDir)
    : markMongo(location.mongodbUrl, location.databaseName))
}

const newEpoch = () => randomBytes(6).toString('hex')

async function markSqlite(dataDir: string): Promise<void> {
  const file = databaseFile(dataDir)
  if (!existsSync(file))
    throw new StartError(`There is no database: ${file}. Put the backup there first, or is DATA_DIR wrong?`)
  const store = await openSqliteStore({
    dataDir,
    newEpoch,
    onFatal(error) {
      throw error
    },
  })
  await store.renewEpoch()
  await store.close()
}

async function markMongo(url: string, database: string): Promise<void> {
  const connection = connect(url, database, defaultTimeouts)
  try {
    await renewEpoch(connection, newEpoch())
  } catch (cause) {
    throw new StartError(`MongoDB does not answer: ${(cause as Error).message}`, { cause })
  } finally {
    await connection.close()
  }
}
