import type { Argon2Parameters } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { ChatError } from '../domain/errors.ts'
import type { FromPasswordThread } from './password-thread.ts'

/** Threads for what takes the processor for long, each begun when it is needed first. */
export interface PasswordThreads {
  /** The argon2id tag. Throws unavailable when too many wait already. */
  derive(parameters: Argon2Parameters): Promise<Buffer>
  /** Ends the threads. What is under way fails. */
  close(): Promise<void>
}

/** The thread is TypeScript when the sources are run; in the bundle it lies beside this file as JavaScript. */
const entry = new URL(`./password-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** Of so many threads each does one at a time, in the order in which they came; of those that can't begin at once so many wait. */
export function startPasswordThreads(mostAtOnce: number, mostWaiting: number): PasswordThreads {
  const idle: Worker[] = []
  const all = new Set<Worker>()
  const waiting: ((worker: Worker) => void)[] = []

  function begin(): Worker {
    const worker = new Worker(entry)
    all.add(worker)
    worker.on('exit', () => all.delete(worker))
    worker.on('message', (message: FromPasswordThread) => {
      if ('warning' in message)
        process.emitWarning(Object.assign(new Error(message.warning.message), message.warning))
    })
    worker.on('error', () => undefined) // whoever waits for its answer hears of it
    return worker
  }

  async function free(): Promise<Worker> {
    const worker = idle.pop() ?? (all.size < mostAtOnce ? begin() : undefined)
    if (worker) return worker
    if (waiting.length < mostWaiting) return new Promise((resolve) => waiting.push(resolve))
    throw new ChatError('unavailable', 'Too many log in just now. Try again in a moment.', {
      retryAfterMs: 2_000,
    })
  }

  /** Where the thread has died, the next who waits gets a new one. */
  function release(worker: Worker): void {
    const isAlive = all.has(worker)
    const next = waiting.shift()
    if (next) next(isAlive ? worker : begin())
    else if (isAlive) idle.push(worker)
  }

  return {
    async derive(parameters) {
      const worker = await free()
      // It keeps the process alive only while it works.
      worker.ref()
      try {
        return await answerOf(worker, parameters)
      } finally {
        worker.unref()
        release(worker)
      }
    },

    async close() {
      await Promise.all([...all].map((worker) => worker.terminate()))
    },
  }
}

function answerOf(worker: Worker, parameters: Argon2Parameters): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const onMessage = (answer: FromPasswordThread) => {
      // There are others: of warnings, and `node --watch` hears by such which files a thread has loaded.
      if ('error' in answer) {
        settle()
        reject(answer.error)
      } else if ('tag' in answer) {
        settle()
        resolve(Buffer.from(answer.tag))
      }
    }
    const onError = (error: unknown) => {
      settle()
      reject(error)
    }
    const onExit = () => onError(new Error('The thread for passwords has ended.'))
    const settle = () => worker.off('message', onMessage).off('error', onError).off('exit', onExit)
    worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    worker.postMessage(parameters)
  })
}
