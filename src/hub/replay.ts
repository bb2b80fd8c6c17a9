import type { Cursor } from '../domain/cursor.ts'
import type { Store } from '../store/store.ts'
import type { FeedDeps } from './feed.ts'
import { type LogEntry, readEvents } from './log.ts'
import type { Subscriber } from './subscriber.ts'

const pageSize = 200

/**
 * Tells a subscriber's reader all that happened since `from`, then lets the subscriber go live: none twice, none missing. Reads the log
 * in pages, at the reader's pace, until the feed's ring has the rest; the last step and the joining are one turn, so
 * nothing needs to be kept for the reader meanwhile. Rejects when the store is away.
 */
export async function replay(
  { store, encode }: { store: Store; encode: FeedDeps['encode'] },
  subscriber: Subscriber,
  from: Cursor,
): Promise<void> {
  let at = from
  let isEnd = false
  const done = subscriber.feed.keep()
  try {
    while (subscriber.isAttached) {
      const rest = subscriber.feed.tail(at)
      if (rest) {
        send(rest)
        return subscriber.activate()
      }
      if (isEnd) {
        // The log has more than the feed has told: another instance's, or a commit of this very moment.
        await subscriber.feed.catchUp()
        isEnd = false
        continue
      }
      const page = await readEvents(store, subscriber.groupId, at, pageSize)
      if (!subscriber.isAttached) return
      send(page.entries)
      at = page.at
      isEnd = !page.more
      await subscriber.drained()
    }
  } finally {
    done()
  }

  function send(entries: readonly LogEntry[]): void {
    const packets = entries.flatMap((step) => (step.event ? [encode(step.event, step.at)] : []))
    if (packets.length) subscriber.deliver(Buffer.concat(packets))
  }
}
