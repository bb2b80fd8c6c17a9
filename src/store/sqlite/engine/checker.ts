import { parentPort, workerData } from 'node:worker_threads'
import { isSqliteError, primaryCode, sqlite } from './failure.ts'
import { damaged, damageIn, openForReading } from './file.ts'

/** A worker thread that reads the whole database once, beside the service, and says what is wrong with it: null if nothing. */
function damageOf(file: string): string | null {
  const db = openForReading(file)
  try {
    return damageIn(db)
  } catch (error) {
    if (isSqliteError(error) && isDamage(primaryCode(error)))
      return `${damaged} SQLite says: ${error.message}`
    throw error
  } finally {
    db.close()
  }
}

const isDamage = (code: number): boolean => code === sqlite.corrupt || code === sqlite.notADatabase

parentPort?.postMessage({ damage: damageOf(String(workerData)) })
