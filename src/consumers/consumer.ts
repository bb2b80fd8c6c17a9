import { createBoundedMap } from '../domain/bounded-map.ts'
import { covers, type Position } from '../domain/cursor.ts'
import { every } from '../domain/every.ts'
import { holdLease, leaseTimes } from '../store/lease.ts'
import type { Store } from '../store/store.ts'

/** Follows what happens in all groups, on one instance at a time, and goes on where the last one stopped. */
export interface Consumer {
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
   * Deals with what happened in a group after `from`, and resolves to the position up to which it has. What it did must be durable by
   * then. It is called for one group one after the other, and may be called again with what it dealt with already. What it throws is
   * logged, and the group is tried again; other groups go on meanwhile. What may take long looks at `mayGoOn` in between, and
   * resolves to `from` when it is false: it will be called again.
   */
  take(groupId: string, from: Position, mayGoOn: () => boolean): Promise<Position>
  /** What happened before the consumer was there first is none of its business. */
  fromNow?: boolean
  /** Counts milliseconds and never goes back. */
  clock: () => number
  log: { warn(event: string, fields: Record<string, unknown>): void }
}

/** How often the feed is asked, in milliseconds. */
const everyMs = 500
/** Groups of one read of the feed, and those of them that are dealt with at the same time. */
const perRead = 100
const atOnce = 8
/** So many groups' positions are kept in memory. */
const remembered = 10_000
/** The first pause after a failure, which doubles up to the longest. */
const retryMs = { first: 1_000, longest: 60_000 }

const nothing: Position = { seq: 0, rev: 0 }

/** What waits in a group. */
interface Work {
  readonly head: Position
  readonly failures: number
  /** The group is not tried again before this time. */
  readonly notBefore: number
}

export function createConsumer(deps: ConsumerDeps): Consumer {
  const { store, name, take, fromNow = false, clock, log } = deps
  const { feed } = store
  const lease = holdLease(store.lease, `consumer:${name}`, clock)
  const positions = createBoundedMap<Position>(remembered)
  const waiting = new Map<string, Work>()
  /** Positions that are not kept yet. */
  let reached = new Map<string, Position>()
  /** Where the feed is read next; undefined before this instance has the lease. */
  let cursor: string | null | undefined
  let waitingSince: number | null = null
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
    cursor = await feed.load(name)
    if (cursor !== null || !fromNow) return
    cursor = await passOver()
    // Before the cursor is kept, the next start passes over what has come since as well.
    await feed.save(name, cursor)
  }

  /** Another instance goes on from what was kept. */
  function letGo(): void {
    cursor = undefined
    positions.clear()
    waiting.clear()
    reached.clear()
    waitingSince = null
  }

  async function learnPositions(groupIds: readonly string[]): Promise<void> {
    const unknown = groupIds.filter((groupId) => !positions.peek(groupId))
    if (!unknown.length) return
    const found = await feed.positions(name, unknown)
    for (const groupId of unknown) positions.set(groupId, found.get(groupId) ?? nothing)
  }

  /** Resolves to whether there is more to read. */
  async function readSome(): Promise<boolean> {
    const { moved, next, hasMore } = await feed.read(cursor ?? null, perRead)
    await learnPositions(moved.map(({ groupId }) => groupId))
    for (const { groupId, head } of moved)
      if (!covers(positions.peek(groupId) ?? nothing, head))
        waiting.set(groupId, { failures: 0, notBefore: 0, ...waiting.get(groupId), head })
    cursor = next
    return hasMore
  }

  async function deal(groupId: string, { head, failures }: Work): Promise<void> {
    try {
      await learnPositions([groupId]) // it may have been forgotten since the group failed
      for (let at = positions.peek(groupId) ?? nothing; !covers(at, head); ) {
        if (!mayWork()) return
        const to = await take(groupId, at, mayWork)
        if (!mayWork()) return
        if (covers(at, to)) break // the group is gone, or its last entries are
        at = to
        positions.set(groupId, at)
        reached.set(groupId, at)
      }
      waiting.delete(groupId)
    } catch (error) {
      const pause = Math.min(retryMs.longest, retryMs.first * 2 ** failures)
      waiting.set(groupId, { head, failures: failures + 1, notBefore: clock() + pause })
      warn(error, { group_id: groupId, retry_ms: pause })
    }
  }

  async function dealWithAll(): Promise<void> {
    const ready = [...waiting].filter(([, { notBefore }]) => notBefore <= clock()).values()
    const worker = async () => {
      for (const [groupId, work] of ready) await deal(groupId, work)
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
  }

  /** While a group waits the cursor stays where it was kept: who starts from there is told of that group again. */
  async function keep(): Promise<void> {
    const news = reached
    reached = new Map()
    if (!news.size) return
    await feed.reach(name, news)
    if (!waiting.size && cursor) await feed.save(name, cursor)
  }

  async function work(): Promise<void> {
    if (!mayWork()) return letGo()
    if (cursor === undefined) await begin()
    for (let hasMore = true; hasMore && mayWork(); ) {
      hasMore = await readSome()
      if (waiting.size) waitingSince ??= clock()
      await dealWithAll()
      await keep()
      if (!waiting.size) waitingSince = null
    }
  }

  function run(): Promise<void> {
    round = work().catch(warn)
    return round
  }

  async function ask(): Promise<void> {
    const wasHeld = lease.isHeld()
    try {
      if ((await lease.ask()) && !wasHeld) rounds ??= every(everyMs, run, { atOnce: true })
    } catch (error) {
      warn(error)
    }
  }

  let rounds: (() => void) | undefined
  const stopAsking = every(leaseTimes.askEveryMs, ask, { atOnce: true })
  return {
    lagMs: () => (!lease.isHeld() ? null : waitingSince === null ? 0 : clock() - waitingSince),

    async stop() {
      isStopped = true
      stopAsking()
      rounds?.()
      await round
      await lease.release().catch(warn)
    },
  }
}
