import type { Subscription } from '../chat/live.ts'
import type { Caller } from '../domain/caller.ts'
import type { ChatError, ErrorCode } from '../domain/errors.ts'
import type { GroupEvent } from '../domain/events.ts'
import type { GroupSummary } from '../domain/group.ts'
import type { Message } from '../domain/message.ts'
import type { Preferences } from '../domain/preference.ts'
import { isId } from '../domain/text.ts'
import type { ResyncReason } from '../hub/resume.ts'
import type { Re, ReadFrame } from './frames.ts'

/** An API as its sockets know it. */
export interface SocketApi {
  readonly places: readonly SocketPlace[]
  readonly words: Words
}

/** Where an API has sockets, and what one there listens to. */
export interface SocketPlace {
  /** From the root. Its last segment may be a parameter, written `:name`, which any one segment is, just as it came. */
  readonly path: string
  /** False for what can't be the parameter: then there is nothing at the path. Without it anything can. */
  takes?(parameter: string): boolean
  /** What the query may hold beside `token`. Without it all else is passed over. */
  readonly query?: readonly ('after' | 'subscribe')[]
  /** Throws what the upgrade is refused with. */
  scopeOf(by: Caller, parameter: string): Promise<SocketScope>
}

export interface SocketScope {
  /** The one group that the socket is for; null: all groups of its user. */
  readonly groupId: string | null
  /** Is called when the socket listens no more. */
  readonly end?: () => void
}

/** A place for all of the caller's groups, and below it one for each group by its id. */
export const groupPlaces = (path: string): SocketPlace[] => [
  { path, query: ['subscribe'], scopeOf: async () => ({ groupId: null }) },
  { path: `${path}/:group_id`, takes: isId, query: ['after'], scopeOf: async (_, groupId) => ({ groupId }) },
]

/** Why a frame was refused. Of a failure that nobody foresaw it tells nothing of the inside. */
export interface Failure extends Pick<ChatError, 'message' | 'fields' | 'retryAfterMs'> {
  readonly code: ErrorCode | 'internal'
}

/** The frames of an API's sockets, in both directions, as JSON objects; null for what an API does not tell. */
export interface Words {
  /** Reads a client's frame. Throws malformed (no frame of this API), invalid. */
  read(value: unknown): ReadFrame
  /** An event as a frame, or as several. `cursor`: of the position after a durable one. */
  event(event: GroupEvent, cursor?: string): object | readonly object[] | null
  /** The first frame, on a socket for one group. */
  connected(by: Caller, subscription: Subscription): object | null
  /** The first frame, on a socket for all groups, of which there are `total`. */
  connectedToAll(by: Caller, subscriptions: readonly Subscription[], total: number): object | null
  subscribed(subscription: Subscription): object | null
  /** The user was made a member of the group. */
  groupAdded(group: GroupSummary): object | null
  /** The user sees the group in another way. */
  preferences(groupId: string, preferences: Preferences): object | null
  /** The user's ban was taken back. */
  unbanned(groupId: string): object | null
  /** A message mentions the user, in a group that the socket does not listen to. */
  mention(groupId: string, message: Message): object | null
  /** Access was lost, or the group deleted, as `code` says. */
  unsubscribed(groupId: string, code: number): object | null
  resync(groupId: string, cursor: string, reason: ResyncReason): object | null
  /** The answer to a frame that was refused. */
  refused(failure: Failure, re: Re): object
  /** This instance goes down, and closes the socket soon. */
  closing(retryAfterMs: number): object | null
}
