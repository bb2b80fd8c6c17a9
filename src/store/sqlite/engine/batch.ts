import type { DatabaseSync } from 'node:sqlite'
import { ChatError, type ErrorCode, type FieldError } from '../../../domain/errors.ts'
import { type Verdict, verdict } from './failure.ts'

/** All that a writer can be asked to do, by name. Each runs inside a transaction. Every noun adds its own. */
export type WriteTable = Readonly<Record<string, (...args: never[]) => unknown>>

/**
 * A portion of what is done in the background stands alone in its transaction: where it fails, nobody's send does. Its name says that
 * it is one.
 */
export const isPortion = (name: string): boolean => /portion$/i.test(name)

/** One request to the writer. */
export interface Job {
  readonly name: string
  readonly args: readonly unknown[]
}

/** How a job ended, as plain data that can cross threads. `bug` means that it threw no ChatError. */
export type Outcome =
  | { result: unknown }
  | { code: ErrorCode; message: string; fields?: readonly FieldError[]; retryAfterMs?: number | undefined }
  | { bug: string }

/** After this nothing may be acknowledged any more: see Verdict. */
export class FatalError extends Error {
  override readonly name = 'FatalError'
}

/**
 * Runs the jobs in one transaction; its commit is durable before this returns. A job that throws a ChatError has
 * written nothing and leaves the others as they are; any other error undoes them all. Throws FatalError.
 */
export function runBatch(transact: Transact, writes: WriteTable, jobs: readonly Job[]): Outcome[] {
  const outcomes: Outcome[] = []
  const undone = transact(() => {
    for (const job of jobs) outcomes.push(runJob(writes, job))
  })
  if (!undone) return outcomes
  const { why, error } = undone
  // The job that threw is the first without an outcome; the others of its transaction may try again.
  const guilty = why === 'bug' ? outcomes.length : -1
  return jobs.map((_, i) => (i === guilty ? { bug: String(error) } : refusals[why]))
}

/** Runs `work` in a transaction. Answers why it was undone, or null when it is durable. Throws FatalError. */
export type Transact = (work: () => void) => { why: Exclude<Verdict, 'fatal'>; error: unknown } | null

export function createTransact(db: DatabaseSync): Transact {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  return (work) => {
    let committing = false
    try {
      begin.run()
      work()
      committing = true
      commit.run()
      return null
    } catch (error) {
      const why = verdict(error, committing)
      if (why === 'fatal') throw new FatalError(`SQLite can't write: ${String(error)}`, { cause: error })
      // When the disk is full, SQLite has rolled back already.
      if (db.isTransaction) db.exec('ROLLBACK')
      return { why, error }
    }
  }
}

function runJob(writes: WriteTable, job: Job): Outcome {
  const write = writes[job.name] as (...args: unknown[]) => unknown
  try {
    return { result: write(...job.args) }
  } catch (error) {
    if (error instanceof ChatError) {
      const { code, message, fields, retryAfterMs } = error
      return { code, message, fields, retryAfterMs }
    }
    throw error
  }
}

const refusals: Record<Exclude<Verdict, 'fatal'>, Outcome> = {
  full: { code: 'storage_full', message: 'There is no space left to store this.' },
  busy: { code: 'unavailable', message: 'The database is in use by another program.' },
  bug: { code: 'unavailable', message: 'The store could not write this. Try again.' },
}
