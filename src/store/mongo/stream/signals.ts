import type { Signals } from '../../signals.ts'
import type { SignalDoc } from '../documents.ts'
import type { Connection } from '../engine/connect.ts'
import { isTurnSignal, type TurnSignal } from '../log/turns.ts'

/** Signals that wait to be sent together, in milliseconds. */
const gatherMs = 20
/** Of those that wait, also for the ones before them, the oldest are dropped beyond this many. */
const maxWaiting = 5_000

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
  /** The signals of the store itself; all others go to the handler. */
  onTurn(signal: TurnSignal): void
  onError(error: unknown): void
}

/** Carries signals as inserts into a collection whose documents expire. */
export function createSignals({ connection, instanceId, now, onTurn, onError }: Deps): MongoSignals {
  let handler: (signal: Record<string, unknown>) => void = () => undefined
  const waiting: SignalDoc[] = []
  let timer: NodeJS.Timeout | undefined
  let sending: Promise<void> | undefined
  /** When the oldest of our own was sent that has not come back. */
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

  /** One insert at a time: while the database is away what waits is bounded, and in order. */
  function gather(): void {
    if (!sending) timer ??= setTimeout(flush, gatherMs)
  }

  async function insert(docs: SignalDoc[]): Promise<void> {
    awaited ??= performance.now()
    try {
      // Lost with a primary, it is only a signal.
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
