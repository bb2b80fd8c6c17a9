import { type Command, type Connection, connect, type StoreLog, type Timeouts } from './connect.ts'

/** For one answer to what may take long: building an index, deleting a large group, adoption. In milliseconds. */
const patientMs = 60_000

/** An instance's connections to the same database. */
export interface Connections {
  readonly connection: Connection
  /** For what may take long. */
  readonly patient: Connection
  /** For the streams, because requests that wait in line for a connection must not look like a database that is away. */
  readonly watching: Connection
  readonly all: readonly Connection[]
}

interface Options {
  url: string
  database: string
  timeouts: Timeouts
  log: StoreLog
  onCommand: ((command: Command) => void) | undefined
}

/** Throws StartError when the URL can't be read. */
export function connectAll({ url, database, timeouts, log, onCommand }: Options): Connections {
  const connection = connect(url, database, timeouts, onCommand)
  const patient = connect(url, database, { ...timeouts, socket: patientMs }, onCommand)
  const watching = connect(url, database, timeouts, onCommand)
  const all = [connection, patient, watching]
  for (const each of all)
    each.onRestart(() =>
      log.warn('database_driver_restarted', { detail: 'it waited for an answer for good' }),
    )
  return { connection, patient, watching, all }
}
