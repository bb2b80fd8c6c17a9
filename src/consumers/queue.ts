import type { Position } from '../domain/cursor.ts'

/** The group is to be dealt with again after so many milliseconds. Nothing is wrong here, so nothing is told of it. */
export interface Later {
  readonly laterMs: number
}

/** Groups that wait to be dealt with, some at the same time, each as soon as there is room. */
export interface Queue {
  readonly size: number
  /** Where the feed was read when it told of the group that waits longest; undefined when none waits. */
  readonly cursor: string | null | undefined
  /** For how many milliseconds the group that was not dealt with for longest has waited, 0 when none waits. */
  lagMs(): number
  /** The group's logs reach so far, as the feed told after this cursor: who reads on from there is told of the group again. */
  wait(groupId: string, head: Position, cursor: string | null): void
  /** The group is dealt with now, whatever its logs say, and though it was to be dealt with later. */
  rush(groupId: string, cursor: string | null): void
  /** Begins to deal with those whose time has come, as far as there is room. */
  dispatch(): void
  /** Nothing waits any more. What is under way goes on. */
  clear(): void
  /** Resolves when what is under way has ended. */
  settled(): Promise<unknown>
}

interface Deps {
  /** How many are dealt with at the same time. */
  atOnce: number
  clock: () => number
  mayWork(): boolean
  /** Deals with the group up to its head; null: whatever there is of it. */
  deal(groupId: string, head: Position | null): Promise<Later | null>
  onError(error: unknown, groupId: string, pauseMs: number): void
}

/** The first pause after a failure, which doubles up to the longest, in milliseconds. */
const retryMs = { first: 1_000, longest: 60_000 }

/** What waits in a group. Another one is made whenever the group is told again. */
interface Work {
  readonly head: Position | null
  readonly cursor: string | null
  readonly since: number
  readonly failures: number
  /** The group is not dealt with before this time. */
  readonly notBefore: number
}

export function createQueue({ atOnce, clock, mayWork, deal, onError }: Deps): Queue {
  /** In the order of their cursors. */
  const waiting = new Map<string, Work>()
  /** Those of them that are to be dealt with next, and those that are being dealt with. */
  const ready = new Set<string>()
  const busy = new Map<string, Promise<void>>()

  /** Its place is that of its new cursor. A group that is being dealt with begins to wait anew. */
  function wait(groupId: string, head: Position | null, cursor: string | null): void {
    const before = waiting.get(groupId)
    const now = clock()
    const work = { head, cursor, since: now, failures: 0, notBefore: now }
    waiting.delete(groupId)
    waiting.set(groupId, before && !busy.has(groupId) ? { ...before, head, cursor } : work)
  }

  async function begin(groupId: string, work: Work): Promise<void> {
    /** What was told of the group meanwhile waits with it. After `clear` nothing does. */
    const again = (laterMs: number, failures: number) => {
      const now = waiting.get(groupId)
      if (now) waiting.set(groupId, { ...now, failures, notBefore: clock() + laterMs })
    }
    try {
      const later = await deal(groupId, work.head)
      if (later) again(later.laterMs, 0)
      else if (waiting.get(groupId) === work) waiting.delete(groupId)
    } catch (error) {
      const pause = Math.min(retryMs.longest, retryMs.first * 2 ** work.failures)
      again(pause, work.failures + 1)
      onError(error, groupId, pause)
    }
  }

  function fill(): void {
    for (const groupId of ready) {
      if (busy.size >= atOnce || !mayWork()) return
      ready.delete(groupId)
      const work = waiting.get(groupId)
      if (!work || busy.has(groupId)) continue
      const dealing = begin(groupId, work).finally(() => {
        busy.delete(groupId)
        fill()
      })
      busy.set(groupId, dealing)
    }
  }

  return {
    get size() {
      return waiting.size
    },
    get cursor() {
      const [first] = waiting.values()
      return first?.cursor
    },

    lagMs() {
      const now = clock()
      let oldest = now
      for (const { since } of waiting.values()) oldest = Math.min(oldest, since)
      return now - oldest
    },

    wait,

    rush(groupId, cursor) {
      if (busy.has(groupId)) return
      const before = waiting.get(groupId)
      if (before) waiting.set(groupId, { ...before, notBefore: clock() })
      else wait(groupId, null, cursor)
    },

    dispatch() {
      const now = clock()
      for (const [groupId, { notBefore }] of waiting)
        if (notBefore <= now && !busy.has(groupId)) ready.add(groupId)
      fill()
    },

    clear() {
      waiting.clear()
      ready.clear()
    },

    settled: () => Promise.all(busy.values()),
  }
}
