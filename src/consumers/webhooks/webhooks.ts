import { createBoundedMap } from '../../domain/bounded-map.ts'
import type { Position } from '../../domain/cursor.ts'
import { every } from '../../domain/every.ts'
import {
  groupEndLetter,
  type Letter,
  type LetterCounts,
  reportIn,
  reportLetter,
} from '../../domain/letter.ts'
import { reportView } from '../../domain/report.ts'
import { time } from '../../domain/text.ts'
import type { Hub } from '../../hub/hub.ts'
import { readEntries } from '../../hub/log.ts'
import type { Outward } from '../../outward/post.ts'
import type { Store } from '../../store/store.ts'
import { createConsumer } from '../consumer.ts'
import type { Later } from '../queue.ts'
import { refused } from './back-off.ts'
import { createTellings, type Telling, type WebhookWords } from './events.ts'
import { createOffline } from './offline.ts'
import { createSigner } from './signature.ts'

/** How one attempt ended: `ok`, `failed` (it is tried again), `dead` (it was the last one). */
export type WebhookOutcome = 'ok' | 'failed' | 'dead'

/** Tells a receiver outside what happens, by Standard Webhooks: at least once, and in order within a group. */
export interface Webhooks {
  /** Resolves when what happens from now on will be told, by this instance or another. */
  readonly begun: Promise<void>
  /** For how long the one that waits longest has waited, in milliseconds; null where another instance does the work. */
  lagMs(): number | null
  /** As they were some seconds ago at most; null where another instance does the work. */
  counts(): LetterCounts | null
  /** What is under way is broken off, and told again by whoever goes on. */
  stop(): Promise<void>
}

export interface WebhooksDeps {
  store: Store
  hub: Pick<Hub, 'online'>
  url: string
  secret: string
  types: readonly string[]
  words: WebhookWords
  outward: Outward
  now: () => number
  clock: () => number
  log: Record<'info' | 'warn', (event: string, fields: Record<string, unknown>) => void>
  onAttempt(type: string, outcome: WebhookOutcome): void
}

const name = 'webhooks'
/** Groups that are told of at the same time. */
export const webhooksAtOnce = 16
/** Entries and letters of one read. */
const perRead = 100
/** Groups with letters that are due, of one look. */
const perLook = 1_000
/** What was told is kept at the latest after so many milliseconds, so that little of it is told again after a crash. */
const keepEveryMs = 500
const countEveryMs = 5_000
/** For so many groups it is remembered since when they are refused. */
const remembered = 10_000

export function createWebhooks(deps: WebhooksDeps): Webhooks {
  const { store, hub, secret, outward, words, now, clock, log, onAttempt } = deps
  const { letters } = store
  const url = new URL(deps.url)
  const types = new Set(deps.types)
  const sign = createSigner(secret)
  const epoch = () => store.epoch
  const tellingsOf = createTellings({ types, words, epoch, offline: createOffline(store, hub.online) })
  /** Groups of which something was given up, and nothing was taken since: from when on they have been refused. */
  const refusedSince = createBoundedMap<number>(remembered)
  const stopping = new AbortController()
  let counts: LetterCounts = { waiting: 0, dead: 0 }

  /** Resolves to why the receiver did not take it; null when it did. */
  async function attempt({ id, type, at }: Letter, data: object): Promise<string | null> {
    const body = JSON.stringify({ type, timestamp: time(at), data })
    const seconds = Math.floor(now() / 1_000)
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'chat-api',
      'webhook-id': id,
      'webhook-timestamp': `${seconds}`,
      'webhook-signature': sign(id, seconds, body),
    }
    try {
      const { status } = await outward.post(url, headers, body, stopping.signal)
      if (status >= 200 && status < 300) return null
      return `it answered ${status}${status >= 300 && status < 400 ? ', and redirects are not followed' : ''}`
    } catch (error) {
      stopping.signal.throwIfAborted()
      return (error as Error).message
    }
  }

  function taken({ type, groupId }: Letter): void {
    onAttempt(type, 'ok')
    refusedSince.delete(groupId)
  }

  /** The letter as it is kept now. What waits behind it waits as long. */
  async function keepRefused(letter: Letter, failure: string, behind: readonly Letter[]): Promise<void> {
    const next = refused(letter, failure, now())
    const isDead = next.dueAt === null
    const { id, groupId, type, attempts } = next
    await letters.put([next, ...behind.map((each) => ({ ...each, dueAt: next.dueAt ?? now() }))])
    if (next.dueAt !== null) await letters.postpone(groupId, next.dueAt)
    else if (next.since !== null) refusedSince.set(groupId, next.since)
    onAttempt(type, isDead ? 'dead' : 'failed')
    const about = { id, group_id: groupId, type, attempts, reason: failure }
    if (isDead) log.warn('webhook_given_up', about)
    else if (attempts === 1) log.warn('webhook_refused', about)
  }

  /** What a letter tells that is of no entry. */
  async function findBeside(letter: Letter): Promise<object | null> {
    const { id, groupId } = letter
    if (id === groupEndLetter(groupId, 0).id) return words.event({ type: 'group_deleted', groupId })
    const reportId = reportIn(letter)
    const report = reportId === null ? null : await store.reports.read(reportId)
    return report && { type: 'report_created', group_id: groupId, report: reportView(report) }
  }

  /** Makes letters of the reports that nobody was told of yet. After a crash in between they are made again, by the same ids. */
  async function due(): Promise<readonly string[]> {
    const reports = types.has('report_created') ? await store.reports.untold(perRead) : []
    if (reports.length) {
      await letters.put(reports.map(reportLetter))
      await store.reports.told(reports.map(({ id }) => id))
    }
    return letters.dueGroups(now(), perLook)
  }

  /** What the letter tells, as it is now; null when there is nothing to tell any more. */
  async function find(letter: Letter): Promise<Telling['data'] | null> {
    const { groupId, type, entry } = letter
    if (!types.has(type)) return null
    if (!entry) {
      const data = await findBeside(letter)
      return data && (async () => data)
    }
    const everything = Number.MAX_SAFE_INTEGER
    const before =
      entry.log === 'messages'
        ? { seq: entry.seq - 1, rev: everything }
        : { seq: everything, rev: entry.rev - 1 }
    const { entries, isTrimmed } = await readEntries(store, groupId, before, 1)
    const [found] = isTrimmed ? [] : entries
    const tellings = found ? tellingsOf(groupId, { ...found, at: entry }) : []
    return tellings.find((telling) => telling.letter.type === type)?.data ?? null
  }

  /** Tells what waits in the group beside its log. */
  async function tellLetters(groupId: string): Promise<Later | null> {
    for (;;) {
      const waiting = await letters.listWaiting(groupId, perRead)
      if (!waiting.length) return null
      for (const letter of waiting) {
        const laterMs = (letter.dueAt ?? 0) - now()
        if (laterMs > 0) return { laterMs }
        const data = await find(letter)
        const failure = data ? await attempt(letter, await data()) : null
        if (failure !== null) {
          await keepRefused(letter, failure, [])
          break
        }
        if (data) taken(letter)
        await letters.remove([letter.id])
      }
    }
  }

  /** Resolves to whether the receiver took all of it. If it did not, what is left is a letter now. */
  async function tell(groupId: string, tellings: readonly Telling[]): Promise<boolean> {
    for (const [i, { letter, data }] of tellings.entries()) {
      const failure = await attempt(letter, await data())
      if (failure === null) taken(letter)
      else {
        const behind = tellings.slice(i + 1).map((telling) => telling.letter)
        await keepRefused({ ...letter, since: refusedSince.get(groupId) ?? null }, failure, behind)
        return false
      }
    }
    return true
  }

  async function take(groupId: string, from: Position): Promise<Position | Later> {
    const begun = clock()
    const later = await tellLetters(groupId)
    if (later) return later
    if (!(await store.log.readHead(groupId))) return from
    const page = await readEntries(store, groupId, from, perRead)
    if (page.isTrimmed)
      log.warn('webhooks_missed', { group_id: groupId, reason: 'the log was trimmed before it was told' })
    let at = from
    try {
      for (const entry of page.entries) {
        const isTaken = await tell(groupId, tellingsOf(groupId, entry))
        at = entry.at
        if (!isTaken || clock() - begun > keepEveryMs) return at
      }
    } catch (error) {
      // What was told before is told; the next call fails with what still fails then.
      if (at === from) throw error
      return at
    }
    return page.at
  }

  const consumer = createConsumer({
    store,
    name,
    take,
    due,
    fromNow: true,
    atOnce: webhooksAtOnce,
    clock,
    log,
  })

  async function count(): Promise<void> {
    if (consumer.isWorking()) counts = await letters.count().catch(() => counts) // the store itself reports its failures
  }
  const stopCounting = every(countEveryMs, count, { atOnce: true })

  return {
    begun: consumer.begun,
    lagMs: consumer.lagMs,
    counts: () => (consumer.isWorking() ? counts : null),
    async stop() {
      stopCounting()
      const stopped = consumer.stop()
      stopping.abort()
      await stopped
      outward.close()
    },
  }
}
