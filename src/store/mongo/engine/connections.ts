import { type Command, type Connection, connect, type StoreLog, type Timeouts } from './connect.ts'

/** The limit, in milliseconds, of one answer to what may take long: building an index, deleting a large group, adoption. */
const patientMs = 60_000

/** An instance's connections to the same database. */
export interface Connections {
  readonly connection: Connection
  /** The connection for what may take long. */
  readonly patient: Connection
  /** The connection for the streams: if they waited behind requests, the database would seem to be away. */
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
