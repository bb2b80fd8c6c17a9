import type { Caller } from '../domain/caller.ts'
import { formatCursor, type Position } from '../domain/cursor.ts'
import { notFound } from '../domain/errors.ts'
import type { DurableEvent } from '../domain/events.ts'
import type { Hub } from '../hub/hub.ts'
import { readEvents } from '../hub/log.ts'
import { type ResyncReason, resumePoint } from '../hub/resume.ts'
import type { Store } from '../store/store.ts'
import { readableGroup } from './access.ts'

export interface Events {
  /**
   * What happened in the group after the cursor, the same events as a socket's: at most `limit` log entries' worth.
   * Without a cursor nothing but the present one. A cursor that can't be continued gives one `resync`.
   * Throws not_found, forbidden (members only), malformed.
   */
  since(by: Caller, groupId: string, after: string | undefined, limit: number): Promise<EventPage>
}

export interface EventPage {
  events: ((DurableEvent & { cursor: string }) | Resync)[]
  cursor: string
  has_more: boolean
}

export interface Resync {
  type: 'resync'
  group_id: string
  cursor: string
  reason: ResyncReason
}

interface Deps {
  store: Store
  hub: Pick<Hub, 'pageTurns'>
  maxReplay: number
}

export function createEvents({ store, hub, maxReplay }: Deps): Events {
  const resumeDeps = { store, pageTurns: hub.pageTurns, maxReplay }

  function resync(groupId: string, { seq, rev }: Position, reason: ResyncReason): EventPage {
    const cursor = formatCursor(store.epoch, { seq, rev })
    return { events: [{ type: 'resync', group_id: groupId, cursor, reason }], cursor, has_more: false }
  }

  return {
    async since(by, groupId, after, limit) {
      await readableGroup(store, by, groupId)
      const head = await store.log.readHead(groupId)
      if (head === null) throw notFound('group')
      const start = await resumePoint(resumeDeps, groupId, after, head)
      if (start.resync) return resync(groupId, start.at, start.resync)
      const page = await readEvents(store, groupId, start.at, limit)
      if (page.isTrimmed) return resync(groupId, head, 'too_old')
      return {
        events: page.entries.flatMap((step) =>
          step.event ? [{ ...step.event, cursor: formatCursor(store.epoch, step.at) }] : [],
        ),
        cursor: formatCursor(store.epoch, page.at),
        has_more: page.more,
      }
    },
  }
}
