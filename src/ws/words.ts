import type { Subscription } from '../chat/live.ts'
import type { Caller } from '../domain/caller.ts'
import type { GroupEvent } from '../domain/events.ts'
import type { ResyncReason } from '../hub/resume.ts'
import type { ReadFrame } from './frames.ts'

/** What an API's sockets hear and speak: each is the frame as a JSON object. */
export interface Words {
  /** What a client asks for. Throws malformed (no frame of this API), invalid. */
  read(value: unknown): ReadFrame
  /** null where this API has no word for it. */
  event(event: GroupEvent): object | null
  /** The first frame, on a socket for one group. */
  connected(by: Caller, subscription: Subscription): object
  /** The first frame, on a socket for all groups, of which there are `total`. */
  connectedToAll(by: Caller, subscriptions: readonly Subscription[], total: number): object
  subscribed(subscription: Subscription): object
  /** Access was lost, or the group deleted, as `code` says. */
  unsubscribed(groupId: string, code: number): object
  resync(groupId: string, cursor: string, reason: ResyncReason): object
}
