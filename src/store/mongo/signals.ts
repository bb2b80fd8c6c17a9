import type { Signals } from '../signals.ts'
import type { Connection } from './connect.ts'
import type { SignalDoc } from './documents.ts'

/** Signals that wait to be sent together, in milliseconds. */
const gatherMs = 20
/** Beyond this many the oldest are dropped. */
const maxWaiting = 1_000

export interface MongoSignals extends Signals {
  /** A signal came by the stream. */
  receive(doc: SignalDoc): void
  /** Milliseconds that this process's last signal took through the database, or has been under way for. */
  readonly lagMs: number
  /** Resolves when what was given is sent or dropped. */
  stop(): Promise<void>
}

interface Deps {
  connection: Connection
  instanceId: string
  now: () => number
  onError(error: unknown): void
}

/** Carries signals as inserts into a collection whose documents expire. */
export function createSignals({ connection, instanceId, now, onError }: Deps): MongoSignals {
  let handler: (signal: Record<string, unknown>) => void = () => undefined
  let waiting: SignalDoc[] = []
  let timer: NodeJS.Timeout | undefined
  let sending = Promise.resolve()
  /** When the oldest of our own was sent that has not come back. */
  let awaited: number | undefined
  let lagMs = 0
  let isStopped = false

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    const docs = waiting
    waiting = []
    if (docs.length) sending = sending.then(() => insert(docs))
  }

  async function insert(docs: SignalDoc[]): Promise<void> {
    awaited ??= performance.now()
    try {
      // Lost with a primary, it is only a signal.
      await connection.signals.insertMany(docs, { writeConcern: { w: 1 } })
    } catch (error) {
      awaited = undefined
      onError(error)
    }
  }

  return {
    send(signal) {
      if (isStopped) return
      waiting.push({ instance: instanceId, at: new Date(now()), body: JSON.stringify(signal) })
      if (waiting.length > maxWaiting) waiting.shift()
      timer ??= setTimeout(flush, gatherMs)
    },

    listen(next) {
      handler = next
    },

    receive(doc) {
      if (doc.instance === instanceId && awaited !== undefined) {
        lagMs = performance.now() - awaited
        awaited = undefined
      }
      const signal: unknown = JSON.parse(doc.body)
      if (signal !== null && typeof signal === 'object') handler({ ...signal })
    },

    get lagMs() {
      return Math.max(lagMs, awaited === undefined ? 0 : performance.now() - awaited)
    },

    async stop() {
      isStopped = true
      flush()
      await sending
    },
  }
}
