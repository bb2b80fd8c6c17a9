import type { Cursor } from '../domain/cursor.ts'
import type { Store } from '../store/store.ts'
import type { PageTurns } from './page-turns.ts'
import { framed, type Page, type Pages } from './pages.ts'
import type { Subscriber } from './subscriber.ts'

export interface ReplayDeps {
  store: Store
  pages: Pages
  pageTurns: PageTurns
}

/**
 * Tells a subscriber's reader all that happened since `from`, each event once, and then lets the subscriber go live. It reads the log
 * in pages, at the reader's pace, until the feed's ring has the rest. The rest and the joining are one turn of the event loop, so no
 * event has to be kept for the reader meanwhile. If the log was trimmed meanwhile, the reader gets one `resync`. Rejects when the store
 * is away.
 */
export async function replay(
  { store, pages, pageTurns }: ReplayDeps,
  subscriber: Subscriber,
  from: Cursor,
): Promise<void> {
  let at = from
  let page: Page | undefined
  let isEnd = false
  let hasCaughtUp = false
  const done = subscriber.feed.keep()
  try {
    for (;;) {
      if (!(await mayWrite())) return
      const rest = subscriber.feed.tail(at)
      if (rest) {
        const { packet, count } = framed(rest, subscriber.encode)
        if (packet.length) subscriber.deliver(packet)
        const last = rest[count - 1]
        if (!last || count === rest.length) return subscriber.activate()
        at = last.at
        await subscriber.drained()
        continue
      }
      if (isEnd && hasCaughtUp) {
        // The feed has told entries that the log does not have any more, because they were removed by hand.
        const passed = await passRemoved()
        if (!passed) return subscriber.resync('too_old')
        at = passed
        isEnd = hasCaughtUp = false
        continue
      }
      if (isEnd) {
        // The log has more than the feed has told: entries of another instance, or of a commit that is being published.
        await subscriber.feed.catchUp()
        isEnd = false
        hasCaughtUp = true
        continue
      }
      page = await pages.read(subscriber.groupId, at, subscriber.encode, page, hasCaughtUp)
      if (!(await mayWrite())) return
      if (page.isTrimmed) return subscriber.resync('too_old')
      if (page.packet.length) subscriber.deliver(page.packet)
      await subscriber.drained()
      at = page.at
      isEnd = !page.more
      if (page.size) hasCaughtUp = false
    }
  } finally {
    done()
  }

  /** Waits for a turn, and until the subscriber's access is settled. Resolves to false when its reader is gone. */
  async function mayWrite(): Promise<boolean> {
    await pageTurns.write()
    await subscriber.settled()
    return subscriber.isAttached
  }

  /**
   * The position after the newest messages, where those were removed by hand. All numbers up to the head were given out, so a message
   * that a later read lacks is gone for good. Resolves to null when that does not explain what is missing.
   */
  async function passRemoved(): Promise<Cursor | null> {
    const { seq } = subscriber.feed.position
    const head = await store.log.readHead(subscriber.groupId)
    const { messages } = await store.log.read(subscriber.groupId, at, 1)
    if (messages.length) return at
    return head && at.seq < seq && seq <= head.seq ? { ...at, seq } : null
  }
}
