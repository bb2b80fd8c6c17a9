import type { Cursor } from '../domain/cursor.ts'
import type { Store } from '../store/store.ts'
import type { FeedDeps } from './feed.ts'
import { type LogEntry, readEvents } from './log.ts'
import type { PageTurns } from './page-turns.ts'
import type { Subscriber } from './subscriber.ts'

const pageSize = 200
/** Bytes that are written before the reader has to have taken most of them. */
const pageBytes = 256 * 1024

export interface ReplayDeps {
  store: Store
  encode: FeedDeps['encode']
  pageTurns: PageTurns
}

/**
 * Tells a subscriber's reader all that happened since `from`, then lets the subscriber go live: none twice, none missing. Reads the log
 * in pages, at the reader's pace, until the feed's ring has the rest; the last step and the joining are one turn, so
 * nothing needs to be kept for the reader meanwhile. A log that was trimmed meanwhile is one `resync`. Rejects when the
 * store is away.
 */
export async function replay(
  { store, encode, pageTurns }: ReplayDeps,
  subscriber: Subscriber,
  from: Cursor,
): Promise<void> {
  let at = from
  let isEnd = false
  let hasCaughtUp = false
  const done = subscriber.feed.keep()
  try {
    for (;;) {
      await subscriber.settled()
      if (!subscriber.isAttached) return
      const rest = subscriber.feed.tail(at)
      if (rest) {
        for (const packet of packets(rest)) subscriber.deliver(packet)
        return subscriber.activate()
      }
      if (isEnd && hasCaughtUp) {
        // The feed stands where the log has nothing any more.
        const passed = await passRemoved()
        if (!passed) return subscriber.resync('too_old')
        at = passed
        isEnd = hasCaughtUp = false
        continue
      }
      if (isEnd) {
        // The log has more than the feed has told: another instance's, or a commit of this very moment.
        await subscriber.feed.catchUp()
        isEnd = false
        hasCaughtUp = true
        continue
      }
      await pageTurns.next()
      if (!subscriber.isAttached) return
      const page = await readEvents(store, subscriber.groupId, at, pageSize)
      await subscriber.settled()
      if (!subscriber.isAttached) return
      if (page.isTrimmed) return subscriber.resync('too_old')
      for (const packet of packets(page.entries)) {
        if (!subscriber.isAttached) return
        subscriber.deliver(packet)
        await subscriber.drained()
      }
      at = page.at
      isEnd = !page.more
      if (page.entries.length) hasCaughtUp = false
    }
  } finally {
    done()
  }

  /**
   * Passes over the newest messages where they were removed by hand: numbers up to the head were given out, so what a read
   * after that of the head lacks is gone. null where that does not explain what is missing.
   */
  async function passRemoved(): Promise<Cursor | null> {
    const { seq } = subscriber.feed.position
    const head = await store.log.readHead(subscriber.groupId)
    const { messages } = await store.log.read(subscriber.groupId, at, 1)
    if (messages.length) return at
    return head && at.seq < seq && seq <= head.seq ? { ...at, seq } : null
  }

  /** The entries' frames, some of them in one write. */
  function* packets(entries: readonly LogEntry[]): Iterable<Buffer> {
    let frames: Buffer[] = []
    let bytes = 0
    for (const entry of entries) {
      if (!entry.event) continue
      const frame = encode(entry.event, entry.at)
      frames.push(frame)
      bytes += frame.length
      if (bytes < pageBytes) continue
      yield Buffer.concat(frames)
      frames = []
      bytes = 0
    }
    if (frames.length) yield Buffer.concat(frames)
  }
}
