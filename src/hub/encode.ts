import type { Cursor } from '../domain/cursor.ts'
import type { GroupEvent } from '../domain/events.ts'

/**
 * The words of one API, framed for the wire: what an event is to all who listen in them. `at`: where one stands after it, for
 * a durable one. null where that API has no word for it. Each event is put into each API's words once.
 */
export type Encode = (event: GroupEvent, at?: Cursor) => Buffer | null
