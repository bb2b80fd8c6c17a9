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
   * Without a cursor nothing but the present one. A cursor that can't be continued gives the reason as `resync`.
   * Throws not_found, banned, forbidden, malformed.
   */
  since(by: Caller, groupId: string, after: string | undefined, limit: number): Promise<EventPage>
}

export interface EventPage {
  events: { event: DurableEvent; cursor: string }[]
  /** Why the events since the cursor cannot be told. Then there are none here, and the group has to be fetched again. */
  resync: ResyncReason | null
  /** The cursor to go on from. */
  cursor: string
  more: boolean
}

interface Deps {
  store: Store
  hub: Pick<Hub, 'pageTurns'>
  now: () => number
  maxReplay: number
}

export function createEvents(deps: Deps): Events {
  const { store, hub, maxReplay } = deps
  const resumeDeps = { store, pageTurns: hub.pageTurns, maxReplay }

  const resyncAt = ({ seq, rev }: Position, resync: ResyncReason): EventPage => ({
    events: [],
    resync,
    cursor: formatCursor(store.epoch, { seq, rev }),
    more: false,
  })

  return {
    async since(by, groupId, after, limit) {
      await readableGroup(deps, by, groupId)
      const head = await store.log.readHead(groupId)
      if (head === null) throw notFound('group')
      const start = await resumePoint(resumeDeps, groupId, after, head)
      if (start.resync) return resyncAt(start.at, start.resync)
      const page = await readEvents(store, groupId, start.at, limit)
      if (page.isTrimmed) return resyncAt(head, 'too_old')
      return {
        events: page.entries.flatMap(({ event, at }) =>
          event ? [{ event, cursor: formatCursor(store.epoch, at) }] : [],
        ),
        resync: null,
        cursor: formatCursor(store.epoch, page.at),
        more: page.more,
      }
    },
  }
}
