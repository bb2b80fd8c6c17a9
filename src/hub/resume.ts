import type { Change, Head } from '../domain/change.ts'
import { aspectOf, isTold } from '../domain/changes.ts'
import { type Cursor, parseCursor } from '../domain/cursor.ts'
import type { Store } from '../store/store.ts'
import type { PageTurns } from './page-turns.ts'

/** Why a cursor cannot be continued: it is of another database, ahead of the log, trimmed away, or too far behind. */
export type ResyncReason = 'epoch' | 'ahead' | 'too_old' | 'too_far_behind'

export interface ResumeDeps {
  store: Store
  pageTurns: PageTurns
  /** A client that comes back is told so many events at most. */
  maxReplay: number
}

/**
 * So many changes are looked through for those to tell, as a multiple of `maxReplay`, but at least for a `maxReplay` of a thousand; and
 * so many are read at once.
 */
const scanned = 10
const leastReplay = 1_000
const scanPage = 1_000

/**
 * Where a client with this cursor starts: at the cursor, or, with a reason, at the head after it has fetched the group again. A replay
 * is whole or refused, never partial. Throws malformed, unavailable.
 */
export async function resumePoint(
  deps: ResumeDeps,
  groupId: string,
  after: string | undefined,
  head: Head,
): Promise<{ at: Cursor; resync?: ResyncReason }> {
  const { store } = deps
  const live = { seq: head.seq, rev: head.rev }
  if (after === undefined) return { at: live }
  const { epoch, at } = parseCursor(after)
  if (epoch !== store.epoch) return { at: live, resync: 'epoch' }
  if (at.seq > head.seq || at.rev > head.rev) return { at: live, resync: 'ahead' }
  if (head.rev - at.rev > scanned * Math.max(deps.maxReplay, leastReplay))
    return { at: live, resync: 'too_far_behind' }
  if (at.rev < head.rev && at.rev < (await store.log.readStart(groupId)))
    return { at: live, resync: 'too_old' }
  if (await isTooMuch(deps, groupId, at, head)) return { at: live, resync: 'too_far_behind' }
  return { at }
}

/**
 * True when a replay would tell more than `maxReplay` events. Of the changes of one message only the last of each aspect is told, and
 * none where the message itself is: nobody can keep others from resuming by editing what they have seen.
 */
async function isTooMuch(
  { store, pageTurns, maxReplay }: ResumeDeps,
  groupId: string,
  at: Cursor,
  head: Head,
): Promise<boolean> {
  // A cursor inside a replay was counted when that replay began, and is not counted again.
  const isBegun = at.replay !== undefined && at.replay.rev > at.rev
  const tally = createTally(head.seq - at.seq)
  for (let rev = isBegun ? at.replay.rev : at.rev; ; ) {
    if (tally.least > maxReplay) return true
    if (tally.events + head.rev - rev <= maxReplay) return false
    const from = { seq: head.seq, rev }
    const { changes } = await pageTurns.read(() => store.log.read(groupId, from, scanPage))
    for (const change of changes)
      if (isBegun || change.messageSeq === undefined || change.messageSeq <= at.seq) tally.add(change)
    const last = changes.at(-1)
    if (!last || last.rev >= head.rev) return tally.events > maxReplay
    rev = last.rev
  }
}

/** Counts the events that a replay tells of changes, beside so many others. */
function createTally(others: number) {
  /** The aspects that changed, by message; `end` in it says that the message is gone as of now. */
  const changed = new Map<string, Set<string>>()
  let events = others

  const eventsOf = (aspects: ReadonlySet<string>) => (aspects.has('end') ? 1 : aspects.size)

  return {
    get events() {
      return events
    },
    /** At least so many are told, whatever follows: the end of a message takes back what else would be told of it. */
    get least() {
      return others + changed.size
    },
    add(change: Change): void {
      if (!isTold(change)) return
      const aspect = aspectOf(change)
      if (aspect === null || change.messageId === undefined) {
        others++
        events++
        return
      }
      const aspects = changed.get(change.messageId) ?? new Set()
      events -= eventsOf(aspects)
      // Only a message that is there again is edited after its end.
      if (aspect === 'content') aspects.delete('end')
      changed.set(change.messageId, aspects.add(aspect))
      events += eventsOf(aspects)
    },
  }
}
