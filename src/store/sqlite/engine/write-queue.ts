import { Worker } from 'node:worker_threads'
import { ChatError } from '../../../domain/errors.ts'
import { StartError } from '../../start-error.ts'
import type { Job, Outcome, WriteTable } from './batch.ts'
import type { Write } from './database.ts'
import type { FromWriter, ToWriter, WriterData } from './writer.ts'

/** The main thread's end of the writer. */
export interface WriteQueue<Writes extends WriteTable> {
  /** The database's epoch, as it was when the writer opened it. */
  readonly epoch: string
  /** Resolves when the write is durable. Throws what the write throws, unavailable. */
  readonly write: Write<Writes>
  /** Whether anybody waits for a write. */
  isBusy(): boolean
  /** Resolves when the writer has ended. Writes that wait are done first. */
  close(): Promise<void>
}

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
}

/** While so many writes wait, new ones are refused, because the disk can't follow. */
const maxWaiting = 20_000

/**
 * Starts the writer, which is the thread's file `entry`. Throws StartError. `onFatal` is called at most once, and no write
 * resolves after it.
 */
export async function startWriter<Writes extends WriteTable>(
  entry: URL,
  data: WriterData,
  onFatal: (error: Error) => void,
): Promise<WriteQueue<Writes>> {
  const worker = new Worker(entry, { workerData: data })
  worker.on('message', (message: FromWriter) => {
    if ('warning' in message)
      process.emitWarning(Object.assign(new Error(message.warning.message), message.warning))
  })
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const epoch = await readiness(worker)

  const gathered: Job[] = []
  const waiting: Waiting[] = []
  let state: 'open' | 'closing' | 'ended' = 'open'

  const post = (message: ToWriter) => worker.postMessage(message)

  /** One message for all that a turn of the event loop gathered. */
  const flush = () => {
    if (gathered.length > 0) post(gathered.splice(0))
  }

  const fail = (error: Error) => {
    if (state === 'ended') return
    state = 'ended'
    for (const { reject } of waiting.splice(0))
      reject(unavailable('The store failed: this may not be stored.'))
    onFatal(error)
  }

  // The writer answers in the order it was asked.
  worker.on('message', (message: FromWriter) => {
    if (state === 'ended' || !('outcomes' in message)) return
    const answered = waiting.splice(0, message.outcomes.length)
    for (const [i, outcome] of message.outcomes.entries()) answered[i] && settle(answered[i], outcome)
  })
  worker.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))))
  worker.on('exit', (code) => {
    if (state === 'closing' && waiting.length === 0) state = 'ended'
    else fail(new Error(`The writer of the store ended with code ${code}.`))
  })

  return {
    epoch,

    write(name, ...args) {
      if (state !== 'open') return Promise.reject(unavailable('The store is closed.'))
      if (waiting.length >= maxWaiting) return Promise.reject(unavailable('The store has too much to write.'))
      if (gathered.length === 0) setImmediate(flush)
      gathered.push({ name, args })
      return new Promise((resolve, reject) => {
        waiting.push({ resolve: resolve as (result: unknown) => void, reject })
      })
    },

    isBusy: () => waiting.length > 0,

    async close() {
      if (state === 'open') {
        state = 'closing'
        flush()
        post('close')
      }
      await exited
    },
  }
}

export const unavailable = (message: string, cause?: unknown) =>
  new ChatError('unavailable', message, { cause })

function settle({ resolve, reject }: Waiting, outcome: Outcome): void {
  if ('result' in outcome) resolve(outcome.result)
  else if ('code' in outcome) {
    const { code, message, fields = [], retryAfterMs } = outcome
    reject(new ChatError(code, message, { fields, ...(retryAfterMs !== undefined && { retryAfterMs }) }))
  } else reject(new Error(`A write of the store failed: ${outcome.bug}`))
}

/** Resolves to the database's epoch. Throws StartError. */
function readiness(worker: Worker): Promise<string> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.on('message', function first(message: FromWriter) {
      // Under `node --watch` a worker also says what it imports.
      if (!('ready' in message) && !('refused' in message)) return
      worker.off('error', reject)
      worker.off('message', first)
      if ('ready' in message) resolve(message.ready.epoch)
      else reject(new StartError(message.refused))
    })
  })
}
