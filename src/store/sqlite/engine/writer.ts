import type { DatabaseSync } from 'node:sqlite'
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { refuseUnfinishedCopy } from '../copy/journal.ts'
import { createTransact, isPortion, type Job, type Outcome, runBatch, type WriteTable } from './batch.ts'
import { checkpoint, openForWriting } from './file.ts'
import { abandonDrafts, createPurge } from './upkeep.ts'

/**
 * The worker thread that owns the only writing connection. What arrives while it commits is its next transaction, so
 * that one fsync serves all who wait, and the main thread never waits for a disk.
 */

export interface WriterData {
  file: string
  /** The epoch of a database that has none yet. */
  newEpoch: string
  /** What the table of writes is made with. */
  options?: object
}

/** `close` ends the writer after the jobs that came before it. */
export type ToWriter = readonly Job[] | 'close'

/**
 * First `ready` or `refused`, then an answer to each transaction: the outcomes of its jobs, in their order.
 * A writer that can't go on dies of its FatalError instead. A warning of the runtime's may come at any time.
 */
export type FromWriter =
  | { ready: { epoch: string } }
  | { refused: string }
  | { outcomes: readonly Outcome[] }
  | { warning: Pick<Error, 'name' | 'message' | 'stack'> }

/** A transaction has at most this many jobs: the first of many must not wait for the last. */
const jobsPerBatch = 500

/** The log is copied into the main file when it has so many pages of 4 KiB, which is looked at after so many jobs. */
const pagesPerCheckpoint = 1_000
const jobsPerLook = 50

/** For so many milliseconds after a write more are expected, and purging leaves pauses for them. */
const busyMs = 100
const purgePauseMs = 20

/** To be called in the worker thread, once. `createWrites` makes all that it can be asked to do. */
export function runWriter<Options extends object>(
  createWrites: (db: DatabaseSync, options?: Options) => WriteTable,
): void {
  if (!parentPort) throw new Error('The writer of the SQLite store runs as a worker thread.')
  const port = parentPort
  const { file, newEpoch, options } = workerData as WriterData & { options?: Options }
  const post = (message: FromWriter) => port.postMessage(message)
  // This listener replaces Node's own, which would print the warning: the log is in the main thread.
  process.removeAllListeners('warning').on('warning', ({ name, message, stack }) => {
    post({ warning: { name, message, ...(stack !== undefined && { stack }) } })
  })
  let db: DatabaseSync
  let epoch: string
  try {
    db = openForWriting(file)
    refuseUnfinishedCopy(db)
    epoch = readEpoch(db, newEpoch)
  } catch (error) {
    post({ refused: error instanceof Error ? error.message : String(error) })
    return
  }
  post({ ready: { epoch } })
  serve(port, db, createWrites(db, options))
}

function readEpoch(db: DatabaseSync, newEpoch: string): string {
  db.prepare("INSERT OR IGNORE INTO meta (key, value) VALUES ('epoch', ?)").run(newEpoch)
  return String(db.prepare("SELECT value FROM meta WHERE key = 'epoch'").get()?.value)
}

/** How many of the waiting jobs make the next transaction. A portion of what is done in the background has one of its own. */
function batchSize(queue: readonly Job[]): number {
  const end = queue.findIndex(({ name }, i) => i === jobsPerBatch || isPortion(name))
  return end === -1 ? queue.length : Math.max(end, 1)
}

function serve(port: MessagePort, db: DatabaseSync, writes: WriteTable): void {
  const transact = createTransact(db)
  abandonDrafts(db, transact)
  const purge = createPurge(db)
  const logPages = db.prepare('PRAGMA wal_checkpoint(NOOP)')
  const queue: Job[] = []
  let unseenJobs = 0
  let closing = false
  let sentAt = Number.NEGATIVE_INFINITY
  let pause: NodeJS.Timeout | undefined

  const take = (message: ToWriter) => {
    if (message === 'close') closing = true
    else queue.push(...message)
  }

  /** Takes all that has arrived. */
  const drain = () => {
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) take(next.message)
  }

  const commit = () => {
    const jobs = queue.splice(0, batchSize(queue))
    const isOwn = isPortion(jobs[0]?.name ?? '')
    // It becomes durable with the next send, and with whatever says that it was done: of the log what is later is never there alone.
    if (isOwn) db.exec('PRAGMA synchronous = NORMAL')
    const outcomes = runBatch(transact, writes, jobs)
    if (isOwn) db.exec('PRAGMA synchronous = FULL')
    port.postMessage({ outcomes } satisfies FromWriter)
    // A portion may write much, and nobody sent it.
    unseenJobs += isOwn ? jobsPerLook : outcomes.length
    if (!isOwn) sentAt = performance.now()
  }

  /** Returns whether there was room to purge something. */
  const purgeStep = (): boolean => {
    const undone = transact(purge.step)
    if (undone?.why === 'bug') throw undone.error
    unseenJobs += jobsPerLook
    return undone === null
  }

  /** Goes on purging as soon as that does not hold up those who send. */
  const purgeLater = () => {
    const isBusy = performance.now() - sentAt < busyMs
    pause ??= setTimeout(
      () => {
        pause = undefined
        work()
      },
      isBusy ? purgePauseMs : 0,
    )
  }

  /** Works until there is nothing left to do but to purge, which is done step by step. */
  const work = () => {
    for (;;) {
      drain()
      if (queue.length > 0) commit()
      else if (closing) break
      else if (pause || !purge.pending() || !purgeStep()) return
      else purgeLater()
      if (unseenJobs < jobsPerLook) continue
      unseenJobs = 0
      if (Number(logPages.get()?.log) >= pagesPerCheckpoint) checkpoint(db, 'PASSIVE')
    }
    clearTimeout(pause)
    db.close()
    port.close()
  }

  port.on('message', (message: ToWriter) => {
    take(message)
    work()
  })
  work()
}
