import type { Subscription } from '../chat/live.ts'
import type { Caller } from '../domain/caller.ts'
import type { GroupEvent } from '../domain/events.ts'
import type { ResyncReason } from '../hub/resume.ts'
import type { ReadFrame } from './frames.ts'

/** An API as its sockets know it. */
export interface SocketApi {
  /** The path of the socket for all of the caller's groups; with `/{group_id}` after it, of the socket for that group. */
  readonly socketPath: string
  readonly words: Words
}

/** The frames of an API's sockets, in both directions, as JSON objects. */
export interface Words {
  /** Reads a client's frame. Throws malformed (no frame of this API), invalid. */
  read(value: unknown): ReadFrame
  /** An event as a frame; null where this API has no word for it. */
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
