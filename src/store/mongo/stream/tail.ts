import { setTimeout as sleep } from 'node:timers/promises'
import type { ChangeStream, ChangeStreamDocument, Collection, Document, ResumeToken } from 'mongodb'
import { every } from '../../../domain/every.ts'
import { hasNoStreams, isTokenLost } from '../engine/failure.ts'

/** A silent stream answers each second. After so many milliseconds without an answer it is given up. */
export const deadAfterMs = 5_000
/** A server that answers an empty stream at once is asked again after so many milliseconds. */
const idleMs = 50

/** One collection's change stream, kept open. */
export interface Tail {
  /** When the stream last proved that it missed nothing, by performance.now(). 0 until it is open. */
  readonly provedAt: number
  /** Something may have been missed inside the driver. `onLost` is called as soon as the stream answers again. */
  suspect(): void
  stop(): Promise<void>
}

interface TailDeps<Doc extends Document> {
  collection: Collection<Doc>
  operations: readonly ChangeStreamDocument['operationType'][]
  onEvent(event: ChangeStreamDocument<Doc>): void
  /** The stream answers again, and may have missed something. Is also called when it is first opened. */
  onLost(): void
  /** The stream failed and is opened again. Of failures in a row only the first is told. */
  onError(error: unknown): void
  /** There are no change streams on this server; the tail has stopped. */
  onMissing(error: unknown): void
}

/** The server ended the stream: the collection was dropped or renamed. No token leads past that. */
class StreamEnded extends Error {}

/**
 * Each answer, even an empty one, proves the stream alive, which an event listener would never tell. It resumes by its token.
 * Where the token is lost or there is none, it starts anew and tells that something may be missing.
 */
export function createTail<Doc extends Document>(deps: TailDeps<Doc>): Tail {
  const stopping = new AbortController()
  let token: ResumeToken | undefined
  let provedAt = 0
  let askedAt = 0
  let isSuspect = true
  /** Ends the wait for the answer that was asked for. */
  let giveUp: (reason: Error) => void = () => undefined

  const stopWatching = every(1_000, () => {
    if (performance.now() - askedAt > deadAfterMs) giveUp(new Error('the change stream does not answer'))
  })

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      const stream = deps.collection.watch([{ $match: { operationType: { $in: deps.operations } } }], {
        maxAwaitTimeMS: 1_000,
        ...(token !== undefined && { resumeAfter: token }),
      })
      isSuspect ||= token === undefined
      let isProved = false
      try {
        await follow(stream, () => {
          failures = 0
          isProved = true
        })
      } catch (error) {
        if (stopping.signal.aborted) return
        if (hasNoStreams(error)) return deps.onMissing(error)
        // A server reads its log of operations from the token on, which may take longer than we can wait, so a token is tried
        // once. What is missed is in our own logs.
        if (!isProved || isTokenLost(error) || error instanceof StreamEnded) token = undefined
        isSuspect = true
        if (failures === 0) deps.onError(error)
        await pause(Math.random() * Math.min(100 * 2 ** failures++, 2_000))
      } finally {
        // The close is not awaited, because on a hung connection it would hang too. Its error is that of the stream.
        stream.close().catch(() => undefined)
      }
    }
  }

  async function follow(stream: ChangeStream<Doc>, onProof: () => void): Promise<void> {
    while (!stopping.signal.aborted) {
      const event = await answered(() => stream.tryNext())
      if (!event && stream.closed) throw new StreamEnded()
      provedAt = performance.now()
      onProof()
      token = stream.resumeToken ?? token
      if (isSuspect) {
        isSuspect = false
        deps.onLost()
      }
      if (event) deps.onEvent(event)
      else if (provedAt - askedAt < idleMs) await pause(idleMs)
    }
  }

  function answered<T>(ask: () => Promise<T>): Promise<T> {
    askedAt = performance.now()
    return new Promise((resolve, reject) => {
      giveUp = reject
      ask().then(resolve, reject)
    })
  }

  const pause = (ms: number): Promise<void> =>
    sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined)

  const running = run().finally(() => stopWatching())
  return {
    get provedAt() {
      return provedAt
    },
    suspect() {
      isSuspect = true
    },
    async stop() {
      stopping.abort()
      giveUp(new Error('stopped'))
      await running
    },
  }
}
