import type { Cursor } from '../domain/cursor.ts'
import type { GroupEvent } from '../domain/events.ts'

/**
 * Puts an event into the words of one API, framed for the wire. `at` is the position after a durable event. Returns null where
 * the API has no word for it. It is called once for each event and API, whatever the number of listeners.
 */
export type Encode = (event: GroupEvent, at?: Cursor) => Buffer | null
