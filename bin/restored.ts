import { randomBytes } from 'node:crypto'
import type { Config } from '../src/config.ts'
import { connect, defaultTimeouts } from '../src/store/mongo/connect.ts'
import { renewEpoch } from '../src/store/mongo/epoch.ts'
import { openSqliteStore } from '../src/store/sqlite/store.ts'
import { Failure, print, readArguments } from './command.ts'
import { loadConfig } from './environment.ts'

export const help = `Usage: chat-api restored

To be run once after the database was restored from a backup, while the service is stopped. The numbers of messages
sent since the backup will be given again: this makes clients that saw the first ones fetch anew.`

export async function run(argv: string[]): Promise<number> {
  readArguments(argv, {})
  const config = loadConfig()
  await (config.mongodbUrl === null
    ? renewSqlite(config)
    : renewMongo(config.mongodbUrl, config.databaseName))
  return print('Done: clients will fetch anew. Start the service now.')
}

const newEpoch = () => randomBytes(6).toString('hex')

async function renewSqlite({ dataDir }: Config): Promise<void> {
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

async function renewMongo(url: string, database: string): Promise<void> {
  const connection = connect(url, database, defaultTimeouts)
  try {
    await renewEpoch(connection, newEpoch())
  } catch (error) {
    throw new Failure(`MongoDB does not answer: ${(error as Error).message}`)
  } finally {
    await connection.close()
  }
}
