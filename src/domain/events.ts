import type { GroupSummary } from './group.ts'
import type { Member } from './member.ts'
import type { Message } from './message.ts'
import type { Preferences } from './preference.ts'
import type { ReactionChange, Reactions } from './reaction.ts'

/** What a group's log tells: delivered to all, once and in order. Each API has its own words for it. */
export type DurableEvent =
  | { type: 'new_message'; groupId: string; message: Message }
  | { type: 'message_updated'; groupId: string; message: Message }
  | { type: 'message_deleted'; groupId: string; messageId: string; seq: number; by?: string }
  | {
      type: 'reactions'
      groupId: string
      messageId: string
      /** All that there are now. */
      reactions: Reactions
      /** What came and went since they were told last; absent where that is not known, in a replay. */
      changed?: readonly ReactionChange[]
    }
  | { type: 'message_pinned'; groupId: string; messageId: string; by: string }
  | { type: 'message_unpinned'; groupId: string; messageId: string }
  | { type: 'member_added'; groupId: string; member: Member }
  | { type: 'member_updated'; groupId: string; member: Member }
  /** `by`: who removed them, themselves when they left; null where that is not known. */
  | { type: 'member_removed'; groupId: string; userId: string; by: string | null }
  | { type: 'member_banned'; groupId: string; userId: string }
  /** All messages up to this one are gone. */
  | { type: 'history_cleared'; groupId: string; upToSeq: number }
  /** These messages are gone, and their sender was erased. */
  | { type: 'messages_erased'; groupId: string; messageIds: readonly string[] }
  | { type: 'group_updated'; groupId: string; group: GroupSummary }

export type TypingState = 'start' | 'stop'

/** What is true only now: never logged, never replayed. */
export type PassingEvent =
  | { type: 'user_joined'; groupId: string; userId: string; connectionCount: number }
  | { type: 'user_left'; groupId: string; userId: string; connectionCount: number }
  | {
      type: 'presence'
      groupId: string
      connectionCount: number
      /** The first of them, at most 20; how many there were, the counts say. */
      joined: readonly string[]
      left: readonly string[]
      joinedCount: number
      leftCount: number
    }
  | { type: 'typing'; groupId: string; userId: string; state: TypingState }
  | { type: 'read'; groupId: string; userId: string; seq: number }
  | { type: 'group_deleted'; groupId: string }

export type GroupEvent = DurableEvent | PassingEvent

/** What is told to one user, and not to a group. */
export type UserEvent =
  /**
   * The user is a member of the group, which may be old news. `rev`: the entry of the log by which they were made one, 0 for a group
   * that was made with them; it is absent where that is not known.
   */
  | { type: 'group_opened'; groupId: string; rev?: number }
  /** The user's ban was taken back. Membership does not come back by itself, but an open group may be heard again. */
  | { type: 'unbanned'; groupId: string }
  /** A message mentions the user. Sockets that listen to its group hear the message itself. */
  | { type: 'mention'; groupId: string; message: Message }
  /** The user sees the group in another way. */
  | { type: 'preferences'; groupId: string; preferences: Preferences }
  /** A direct chat that the user had hidden is shown to them again. */
  | { type: 'group_shown'; groupId: string }
  /** The user has read further, as one of their own connections said: `from`, if it is on this instance. */
  | { type: 'read'; groupId: string; userId: string; seq: number; from?: object | undefined }

/** The event of a message at its own place in the log: in its present form, or as gone. */
export const messageEvent = (message: Message): DurableEvent =>
  message.isDeleted ? deletedEvent(message) : { type: 'new_message', groupId: message.groupId, message }

export const deletedEvent = (message: Message): DurableEvent => ({
  type: 'message_deleted',
  groupId: message.groupId,
  messageId: message.id,
  seq: message.seq,
  ...(message.deletedBy !== null && { by: message.deletedBy }),
})
