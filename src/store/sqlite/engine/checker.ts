import { parentPort, workerData } from 'node:worker_threads'
import { damageIn, openForReading } from './file.ts'

/** A worker thread that reads the whole database once, beside the service, and says what is wrong with it: null if nothing. */
const db = openForReading(String(workerData))
parentPort?.postMessage({ damage: damageIn(db) })
db.close()
