import { changeKinds } from '../domain/changes.ts'
import type { GroupKind } from '../domain/group.ts'
import { isKnownClose } from '../protocol/close-codes.ts'
import {
  bucketOf,
  type Counter,
  count,
  createCounter,
  createFamily,
  createHistogram,
  type Family,
  type Histogram,
} from './instruments.ts'
import { createRecent, type Recent } from './recent.ts'
import { createStretch, type Endpoint, record, type Stretch, tally } from './stretch.ts'
import { createTotals, type Totals } from './totals.ts'

/** A finished request, as the access log tells of it. */
export interface FinishedRequest {
  readonly method: string
  readonly path: string
  /** The route's name; null when there is none for the path. */
  readonly route: string | null
  readonly status: number
  readonly durationMs: number
  readonly userId: string | null
  readonly correlationId: string
  /** Why the request was answered with a problem; null when it was not. */
  readonly failure: { readonly code: string; readonly reason: string } | null
}

export interface SocketEvent {
  readonly event: 'joined' | 'left' | 'slow' | 'resumed' | 'resync'
  readonly userId: string
  /** null: the socket for all of the user's groups. */
  readonly groupId: string | null
  readonly correlationId: string
  /** The close code of `left`, or the reason of `resync`. */
  readonly detail?: string
}

/** An event with its time, in milliseconds since 1970. */
export type Dated<T> = T & { readonly at: number }

/** Milliseconds beyond which a request is slow, and very slow. */
export const slowMs = 1_000
export const verySlowMs = 5_000

/** Counts what happens. To record an event costs some additions, and only the last few events of each kind are kept. */
export interface Metrics {
  request(finished: FinishedRequest): void
  storeOperation(operation: string, durationMs: number, outcome: string): void
  /** So many events went out in one write to each of so many listeners. */
  packet(events: number, listeners: number): void
  socket(event: SocketEvent): void
  /** The work of a client's frame has ended. The outcome `ok` means that it succeeded. */
  frame(type: string, outcome: string): void
  send(outcome: string): void
  tokenRefused(reason: string): void
  rateLimited(what: string): void
  /** A use case on this instance has logged a change of this type. */
  changed(type: string): void
  groupMade(kind: GroupKind): void
  /** A file of so many bytes came. */
  fileUploaded(bytes: number): void
  /** So many bytes of a file were asked for, and are there. */
  fileServed(bytes: number): void
  /** An attempt to tell a receiver of an event has ended. */
  webhook(type: string, outcome: string): void
  /** An attempt to tell a browser of a message has ended. */
  pushed(outcome: string): void

  /** By route and method. */
  readonly endpoints: Family<Endpoint>
  /** By operation. */
  readonly storeDurations: Family<Histogram>
  /** By operation and outcome. */
  readonly storeOutcomes: Family<Counter>
  /** By type and outcome. */
  readonly frames: Family<Counter>
  /** By outcome: `new`, `repeat`, or why it failed. */
  readonly sends: Family<Counter>
  /** By outcome: `contiguous` or `resync`. */
  readonly resumes: Family<Counter>
  /** By close code; `other` for those that only the client knows. */
  readonly closes: Family<Counter>
  readonly tokenRefusals: Family<Counter>
  readonly rateLimits: Family<Counter>
  /** By type, as the catalogue of changes has it. */
  readonly changes: Family<Counter>
  /** By kind. */
  readonly groupsMade: Family<Counter>
  /** By type and outcome. */
  readonly webhooks: Family<Counter>
  /** By outcome. */
  readonly pushes: Family<Counter>
  readonly totals: Totals
  readonly recent: {
    /** Requests that succeeded. */
    readonly requests: Recent<Dated<FinishedRequest>>
    readonly slow: Recent<Dated<FinishedRequest>>
    /** Requests that were answered with 5xx. */
    readonly errors: Recent<Dated<FinishedRequest>>
    /** Requests that were answered with 4xx. */
    readonly refused: Recent<Dated<FinishedRequest>>
    /** Sockets that came and went. */
    readonly comings: Recent<Dated<SocketEvent>>
    /** What happened to a socket in between. */
    readonly sockets: Recent<Dated<SocketEvent>>
  }
  /** What happened since the last `rollWindow`. */
  readonly stretch: Stretch
  /** Begins a new stretch and gives the one that ends. */
  rollWindow(): Stretch
}

/**
 * A client may close with any code from 3000 to 4999. The codes that mean something here are counted each by itself and the others
 * together, so that no client can make up labels.
 */
const closeLabel = (code: number): string => (isKnownClose(code) ? String(code) : 'other')

/** The catalogue bounds the labels, whatever a log may say. */
const changeLabel = (type: string): string => (Object.hasOwn(changeKinds, type) ? type : 'other')

/** The outcomes of a store operation that are the store's fault, and not the caller's. */
export const storeFaults: ReadonlySet<string> = new Set(['unavailable', 'storage_full', 'failed'])

/** Whether the request is of the dashboard itself. Such requests are not counted, so that a look at the figures does not change them. */
export const isOperators = ({ route }: { readonly route: string | null }): boolean =>
  route?.startsWith('dashboard') ?? false

/** `clock` counts milliseconds and never goes back. Stretches of time are measured by it. */
export function createMetrics(now: () => number, clock: () => number = now): Metrics {
  const endpoints = createFamily<Endpoint>(2, () => ({
    durations: createHistogram(),
    statuses: new Map(),
    errors: 0,
    clientErrors: 0,
  }))
  const storeDurations = createFamily(1, createHistogram)
  const storeOutcomes = createFamily(2, createCounter)
  const frames = createFamily(2, createCounter)
  const sends = createFamily(1, createCounter)
  const resumes = createFamily(1, createCounter)
  const closes = createFamily(1, createCounter)
  const tokenRefusals = createFamily(1, createCounter)
  const rateLimits = createFamily(1, createCounter)
  const changes = createFamily(1, createCounter)
  const groupsMade = createFamily(1, createCounter)
  const webhooks = createFamily(2, createCounter)
  const pushes = createFamily(1, createCounter)
  const totals = createTotals()
  const recent: Metrics['recent'] = {
    requests: createRecent(20),
    slow: createRecent(10),
    errors: createRecent(20),
    refused: createRecent(20),
    comings: createRecent(20),
    sockets: createRecent(20),
  }
  let stretch = createStretch(clock())

  return {
    request(finished) {
      const { status, durationMs } = finished
      const endpoint = endpoints.of(finished.route ?? 'none', finished.method)
      let answers = endpoint.statuses.get(status)
      if (!answers) {
        answers = createCounter()
        endpoint.statuses.set(status, answers)
      }
      answers.value++
      const bucket = bucketOf(durationMs)
      count(endpoint.durations, bucket, durationMs)
      const isError = status >= 500
      const dated = { ...finished, at: now() }
      if (isError) recent.errors.add(dated)
      if (isOperators(finished)) return
      count(stretch.durations, bucket, durationMs)
      record(stretch.endpoints, endpoint, bucket, durationMs, isError)
      totals.requests++
      if (isError) {
        endpoint.errors++
        stretch.errors++
        totals.errors++
      } else if (status >= 400) {
        endpoint.clientErrors++
        totals.clientErrors++
        recent.refused.add(dated)
      } else recent.requests.add(dated)
      if (durationMs <= slowMs) return
      stretch.slow++
      totals.slow++
      recent.slow.add(dated)
      if (durationMs <= verySlowMs) return
      stretch.verySlow++
      totals.verySlow++
    },

    storeOperation(operation, durationMs, outcome) {
      const bucket = bucketOf(durationMs)
      count(storeDurations.of(operation), bucket, durationMs)
      record(stretch.operations, operation, bucket, durationMs, storeFaults.has(outcome))
      storeOutcomes.of(operation, outcome).value++
    },

    packet(events, listeners) {
      const deliveries = events * listeners
      stretch.events += events
      stretch.deliveries += deliveries
      totals.events += events
      totals.deliveries += deliveries
    },

    socket(event) {
      const dated = { ...event, at: now() }
      switch (event.event) {
        case 'joined':
          totals.opened++
          return recent.comings.add(dated)
        case 'left':
          closes.of(closeLabel(Number(event.detail))).value++
          return recent.comings.add(dated)
        case 'slow':
          totals.slowCloses++
          break
        case 'resumed':
          resumes.of('contiguous').value++
          break
        case 'resync':
          resumes.of('resync').value++
      }
      recent.sockets.add(dated)
    },

    frame: (type, outcome) => void frames.of(type, outcome).value++,
    send: (outcome) => void sends.of(outcome).value++,
    tokenRefused: (reason) => void tokenRefusals.of(reason).value++,
    rateLimited: (what) => tally(stretch, rateLimits.of(what)),
    changed: (type) => tally(stretch, changes.of(changeLabel(type))),
    groupMade: (kind) => void groupsMade.of(kind).value++,
    fileUploaded(bytes) {
      totals.uploads++
      totals.uploadedBytes += bytes
    },
    fileServed(bytes) {
      totals.downloads++
      totals.downloadedBytes += bytes
    },
    webhook: (type, outcome) => void webhooks.of(type, outcome).value++,
    pushed: (outcome) => void pushes.of(outcome).value++,

    endpoints,
    storeDurations,
    storeOutcomes,
    frames,
    sends,
    resumes,
    closes,
    tokenRefusals,
    rateLimits,
    changes,
    groupsMade,
    webhooks,
    pushes,
    totals,
    recent,
    get stretch() {
      return stretch
    },
    rollWindow() {
      const ended = stretch
      stretch = createStretch(clock())
      return ended
    },
  }
}
