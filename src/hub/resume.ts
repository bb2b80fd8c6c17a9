import type { Head } from '../domain/change.ts'
import { foldKey, isTold } from '../domain/changes.ts'
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

/** How many changes are searched for those to tell, as a multiple of `maxReplay`, and how many are read at once. */
const scanned = 10
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
  if (head.rev - at.rev > scanned * deps.maxReplay) return { at: live, resync: 'too_far_behind' }
  if (at.rev < head.rev && at.rev < (await store.log.readStart(groupId)))
    return { at: live, resync: 'too_old' }
  if (await isTooMuch(deps, groupId, at, head)) return { at: live, resync: 'too_far_behind' }
  return { at }
}

/**
 * True when a replay would tell more than `maxReplay` events. Of the changes of one message only the last is told, and none
 * where the message itself is: nobody can keep others from resuming by editing what they have seen.
 */
async function isTooMuch(
  { store, pageTurns, maxReplay }: ResumeDeps,
  groupId: string,
  at: Cursor,
  head: Head,
): Promise<boolean> {
  // A cursor inside a replay was counted when that replay began, and is not counted again.
  const isBegun = at.replay !== undefined && at.replay.rev > at.rev
  const told = head.seq - at.seq
  const changed = new Set<string>()
  let others = 0
  for (let rev = isBegun ? at.replay.rev : at.rev; ; ) {
    const counted = told + changed.size + others
    if (counted > maxReplay) return true
    if (counted + head.rev - rev <= maxReplay) return false
    const from = { seq: head.seq, rev }
    const { changes } = await pageTurns.read(() => store.log.read(groupId, from, scanPage))
    for (const change of changes) {
      if (!isTold(change)) continue
      const { messageId, messageSeq = 0 } = change
      if (messageId === undefined) others++
      else if (isBegun || messageSeq <= at.seq) changed.add(foldKey(change) ?? messageId)
    }
    const last = changes.at(-1)
    if (!last) return false
    rev = last.rev
  }
}
