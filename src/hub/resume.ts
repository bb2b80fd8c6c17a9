import type { Head } from '../domain/change.ts'
import { type Cursor, parseCursor } from '../domain/cursor.ts'
import type { Store } from '../store/store.ts'

/** Why a cursor can't be continued: of another database, not reached yet, trimmed away, or too much to replay. */
export type ResyncReason = 'epoch' | 'ahead' | 'too_old' | 'too_far_behind'

/**
 * Where a client that comes with this cursor starts: there, or, with a reason, at the head after fetching again.
 * Whole or refused, never partial. Throws malformed.
 */
export async function resumePoint(
  store: Store,
  groupId: string,
  after: string | undefined,
  head: Head,
  maxReplay: number,
): Promise<{ at: Cursor; resync?: ResyncReason }> {
  const live = { seq: head.seq, rev: head.rev }
  if (after === undefined) return { at: live }
  const { epoch, at } = parseCursor(after)
  if (epoch !== store.epoch) return { at: live, resync: 'epoch' }
  if (at.seq > head.seq || at.rev > head.rev) return { at: live, resync: 'ahead' }
  if (head.seq - at.seq + head.rev - at.rev > maxReplay) return { at: live, resync: 'too_far_behind' }
  if (at.rev < head.rev && at.rev < (await store.log.readStart(groupId)))
    return { at: live, resync: 'too_old' }
  return { at }
}
