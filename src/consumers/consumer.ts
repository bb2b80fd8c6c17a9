import { createBoundedMap } from '../domain/bounded-map.ts'
import { covers, type Position } from '../domain/cursor.ts'
import { every } from '../domain/every.ts'
import { holdLease, leaseTimes } from '../store/lease.ts'
import type { Store } from '../store/store.ts'
import { createQueue, type Later } from './queue.ts'

/** Follows what happens in all groups, on one instance at a time, and goes on where the last one stopped. */
export interface Consumer {
  /**
   * Resolves when what happens from now on will be taken: by this instance, which has begun, or by another one. It resolves as well
   * when that could not be learnt, which is logged.
   */
  readonly begun: Promise<void>
  /** False where another instance does the work. */
  isWorking(): boolean
  /** For how many milliseconds something has waited to be dealt with, 0 when nothing does; null where another instance does the work. */
  lagMs(): number | null
  /** Resolves when what is under way is dealt with; then another instance may go on at once. */
  stop(): Promise<void>
}

export interface ConsumerDeps {
  store: { readonly feed: Store['feed']; readonly lease: Store['lease'] }
  /** Unlike those of other consumers. */
  name: string
  /**
   * Deals with what happened in a group after `from`, and resolves to the position up to which it has, or to when it wants to be
   * called again. What it did must be durable by then. It is called for one group one after the other, and may be called again with
   * what it dealt with already. What it throws is logged, and the group is tried again; other groups go on meanwhile, as long as fewer
   * than `atOnce` take their time. What may take long looks at `mayGoOn` in between, and resolves to `from` when it is false: it will be
   * called again.
   */
  take(groupId: string, from: Position, mayGoOn: () => boolean): Promise<Position | Later>
  /** Groups to be taken now though their logs may not have moved, and though they wanted to be called later. Is asked each half second. */
  due?(): Promise<readonly string[]>
  /** What happened before the consumer was there first is none of its business. */
  fromNow?: boolean
  /** How many groups are dealt with at the same time; 8 unless given. */
  atOnce?: number
  /** Counts milliseconds and never goes back. */
  clock: () => number
  log: { warn(event: string, fields: Record<string, unknown>): void }
}

/** How often the feed is asked, in milliseconds. */
const everyMs = 500
/** Groups of one read of the feed. */
const perRead = 100
/** While so many groups wait no more are read. */
const mostWaiting = 100_000
/** So many groups' positions are kept in memory. */
const remembered = 10_000
const nothing: Position = { seq: 0, rev: 0 }

export function createConsumer(deps: ConsumerDeps): Consumer {
  const { store, name, take, due = async () => [], fromNow = false, atOnce = 8, clock, log } = deps
  const { feed } = store
  const lease = holdLease(store.lease, `consumer:${name}`)
  const positions = createBoundedMap<Position>(remembered)
  /** Positions that are not kept yet. */
  let reached = new Map<string, Position>()
  /** Where the feed is read next; undefined before this instance has the lease. */
  let cursor: string | null | undefined
  /** Another one after each loss of the lease: what was under way then says nothing of now. */
  let term = {}
  /** The cursor that was kept last. */
  let kept: string | null = null
  let isStopped = false
  let round = Promise.resolve()

  const mayWork = () => !isStopped && lease.isHeld()
  const warn = (error: unknown, more: Record<string, unknown> = {}) =>
    log.warn('consumer_failed', { consumer: name, ...more, error })

  /** Passes over what is there already. */
  async function passOver(): Promise<string> {
    for (let at: string | null = null; ; ) {
      const page = await feed.read(at, 1_000)
      await feed.reach(name, new Map(page.moved.map(({ groupId, head }) => [groupId, head])))
      at = page.next
      if (!page.hasMore) return at
    }
  }

  async function begin(): Promise<void> {
    kept = await feed.load(name)
    if (kept === null && fromNow) {
      kept = await passOver()
      // Before the cursor is kept, the next start passes over what has come since as well.
      await feed.save(name, kept)
    }
    cursor = kept
  }

  /** Another instance goes on from what was kept. */
  function letGo(): void {
    if (cursor === undefined) return
    cursor = undefined
    term = {}
    positions.clear()
    queue.clear()
    reached.clear()
  }

  async function learnPositions(groupIds: readonly string[]): Promise<void> {
    const unknown = groupIds.filter((groupId) => !positions.peek(groupId))
    if (!unknown.length) return
    const found = await feed.positions(name, unknown)
    // What a group has reached meanwhile may not be kept yet.
    for (const groupId of unknown)
      if (!positions.peek(groupId))
        positions.set(groupId, reached.get(groupId) ?? found.get(groupId) ?? nothing)
  }

  /** Resolves to whether there is more to read. */
  async function readSome(): Promise<boolean> {
    if (queue.size >= mostWaiting) return false
    const { moved, next, hasMore } = await feed.read(cursor ?? null, perRead)
    await learnPositions(moved.map(({ groupId }) => groupId))
    for (const { groupId, head } of moved)
      if (!covers(positions.peek(groupId) ?? nothing, head)) queue.wait(groupId, head, cursor ?? null)
    cursor = next
    return hasMore
  }

  async function takeAll(groupId: string, head: Position | null): Promise<Later | null> {
    const begun = term
    await learnPositions([groupId]) // it may have been forgotten since it was read
    let at = positions.peek(groupId) ?? nothing
    if (head && covers(at, head)) return null
    while (mayWork()) {
      const to = await take(groupId, at, mayWork)
      if ('laterMs' in to) return to
      if (term !== begun) break
      if (covers(at, to)) {
        if (!mayWork()) break
        return null // the group is gone, its last entries are, or there was something else to do
      }
      at = to
      positions.set(groupId, at)
      reached.set(groupId, at)
      if (head && covers(at, head)) return null
    }
    return { laterMs: 0 }
  }

  const queue = createQueue({
    atOnce,
    clock,
    mayWork,
    deal: takeAll,
    onError(error, groupId, pauseMs) {
      if (!isStopped) warn(error, { group_id: groupId, retry_ms: pauseMs })
    },
  })

  /** The cursor that is kept is that of the group that waits longest, so that who starts from there is told of all that wait. */
  async function keep(): Promise<void> {
    const safe = queue.size ? queue.cursor : cursor
    const news = reached
    reached = new Map()
    try {
      if (news.size) await feed.reach(name, news)
    } catch (error) {
      reached = new Map([...news, ...reached])
      throw error
    }
    if (!safe || safe === kept || !(news.size || queue.size)) return
    await feed.save(name, safe)
    kept = safe
  }

  async function work(): Promise<void> {
    if (!mayWork()) return letGo()
    if (cursor === undefined) await begin()
    for (let hasMore = true; hasMore && mayWork(); ) {
      hasMore = await readSome()
      queue.dispatch()
    }
    for (const groupId of await due()) queue.rush(groupId, cursor ?? null)
    queue.dispatch()
    await keep()
  }

  function run(): Promise<void> {
    round = work().catch(warn)
    return round
  }

  let rounds: (() => void) | undefined
  let nowBegun = () => {}
  const begun = new Promise<void>((resolve) => {
    nowBegun = resolve
  })

  async function ask(): Promise<void> {
    try {
      const isHeld = await lease.ask()
      if (isHeld && !rounds) {
        rounds = every(everyMs, run, { atOnce: true })
        await round
      }
      // Another instance that has the lease may be passing over what happens now.
      if (isHeld || !fromNow || (await feed.load(name)) !== null) nowBegun()
    } catch (error) {
      nowBegun()
      warn(error)
    }
  }

  const stopAsking = every(leaseTimes.askEveryMs, ask, { atOnce: true })
  return {
    begun,
    isWorking: () => lease.isHeld(),

    lagMs: () => (lease.isHeld() ? queue.lagMs() : null),

    async stop() {
      isStopped = true
      stopAsking()
      rounds?.()
      await round
      await queue.settled()
      await keep().catch(warn)
      await lease.release().catch(warn)
    },
  }
}
