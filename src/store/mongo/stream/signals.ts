import type { Signals } from '../../signals.ts'
import type { Connection } from '../engine/connect.ts'
import { isTurnSignal, type TurnSignal } from '../log/turns.ts'
import type { SignalDoc } from '../own-documents.ts'

/** Signals wait so many milliseconds, to be sent together. */
const gatherMs = 20
/** When more than so many signals wait, the oldest are dropped. */
const maxWaiting = 5_000

export interface MongoSignals extends Signals {
  /** To be called for each signal that came by the stream. */
  receive(doc: SignalDoc): void
  /** How many milliseconds this process's last signal took through the database, or has been under way. */
  readonly lagMs: number
  /** Resolves when all signals are sent or dropped. */
  stop(): Promise<void>
}

interface Deps {
  connection: Connection
  instanceId: string
  now: () => number
  /** Is given the signals of the store itself; all others go to the handler. */
  onTurn(signal: TurnSignal): void
  onError(error: unknown): void
}

/** Carries signals as inserts into a collection whose documents expire. */
export function createSignals({ connection, instanceId, now, onTurn, onError }: Deps): MongoSignals {
  let handler: (signal: Record<string, unknown>) => void = () => undefined
  const waiting: SignalDoc[] = []
  let timer: NodeJS.Timeout | undefined
  let sending: Promise<void> | undefined
  /** When the oldest of our own signals was sent that has not come back. */
  let awaited: number | undefined
  let lagMs = 0
  let isStopped = false

  function flush(): void {
    timer = undefined
    sending = insert(waiting.splice(0)).finally(() => {
      sending = undefined
      if (waiting.length && !isStopped) gather()
    })
  }

  /** There is one insert at a time, so that while the database is away the signals that wait are bounded, and in order. */
  function gather(): void {
    if (!sending) timer ??= setTimeout(flush, gatherMs)
  }

  async function insert(docs: SignalDoc[]): Promise<void> {
    awaited ??= performance.now()
    try {
      // Signals may be lost with a primary, so one server is enough.
      await connection.unlessHung(connection.signals.insertMany(docs, { writeConcern: { w: 1 } }))
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
      gather()
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
      if (signal === null || typeof signal !== 'object') return
      if (isTurnSignal(signal)) onTurn(signal)
      else handler({ ...signal })
    },

    get lagMs() {
      return Math.max(lagMs, awaited === undefined ? 0 : performance.now() - awaited)
    },

    async stop() {
      isStopped = true
      clearTimeout(timer)
      await sending
      if (waiting.length) await insert(waiting)
    },
  }
}
