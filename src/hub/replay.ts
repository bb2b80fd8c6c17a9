import type { Cursor } from '../domain/cursor.ts'
import type { Store } from '../store/store.ts'
import type { ChannelDeps } from './channel.ts'
import { readEvents, type Step } from './log.ts'
import type { Seat } from './seat.ts'

const pageSize = 200

/**
 * Tells a seat's reader all that happened since `from`, then lets the seat go live: none twice, none missing. Reads the log
 * in pages, at the reader's pace, until the channel's ring has the rest; the last step and the joining are one turn, so
 * nothing needs to be kept for the reader meanwhile. Rejects when the store is away.
 */
export async function replay(
  { store, encode }: { store: Store; encode: ChannelDeps['encode'] },
  seat: Seat,
  from: Cursor,
): Promise<void> {
  let at = from
  let isEnd = false
  const done = seat.channel.keep()
  try {
    while (seat.isTaken) {
      const rest = seat.channel.tail(at)
      if (rest) {
        tell(rest)
        return seat.live()
      }
      if (isEnd) {
        // The log has more than the channel has told: another instance's, or a commit of this very moment.
        await seat.channel.catchUp()
        isEnd = false
        continue
      }
      const page = await readEvents(store, seat.groupId, at, pageSize)
      if (!seat.isTaken) return
      tell(page.steps)
      at = page.at
      isEnd = !page.more
      await seat.drained()
    }
  } finally {
    done()
  }

  function tell(steps: readonly Step[]): void {
    const packets = steps.flatMap((step) => (step.event ? [encode(step.event, step.at)] : []))
    if (packets.length) seat.deliver(Buffer.concat(packets))
  }
}
