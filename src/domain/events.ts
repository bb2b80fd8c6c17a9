import type { Change } from './change.ts'
import { type Group, type GroupView, groupView } from './group.ts'
import { type Message, type MessageView, messageView } from './message.ts'

/** What a group's log tells, in the words of the wire; the hub adds `cursor`. Delivered to all, once and in order. */
export type DurableEvent =
  | { type: 'new_message'; group_id: string; message: MessageView }
  | { type: 'message_updated'; group_id: string; message: MessageView }
  | { type: 'message_deleted'; group_id: string; message_id: string; seq: number }
  | { type: 'member_added'; group_id: string; user_id: string }
  | { type: 'member_removed'; group_id: string; user_id: string }
  | { type: 'group_updated'; group_id: string; group: Omit<GroupView, 'authorized_user_ids'> }

/** What is true only now: never logged, never replayed. */
export type PassingEvent =
  | { type: 'user_joined'; group_id: string; user_id: string; connection_count: number }
  | { type: 'user_left'; group_id: string; user_id: string; connection_count: number }
  | {
      type: 'presence'
      group_id: string
      connection_count: number
      /** The first of them, at most 20; how many there were, the counts say. */
      joined: string[]
      left: string[]
      joined_count: number
      left_count: number
    }
  | { type: 'typing'; group_id: string; user_id: string; content?: 'start' | 'stop' }
  | { type: 'group_deleted'; group_id: string }

/** The event of a message at its own place in the log: in its present form, or as gone. */
export const messageEvent = (message: Message): DurableEvent =>
  message.isDeleted
    ? deletedEvent(message)
    : { type: 'new_message', group_id: message.groupId, message: messageView(message) }

const deletedEvent = (message: Message): DurableEvent => ({
  type: 'message_deleted',
  group_id: message.groupId,
  message_id: message.id,
  seq: message.seq,
})

/** True when `changeEvent` has all it needs: a change refers to its message or group and does not hold it. */
export const hasSubject = (change: Change, about: { message?: Message; group?: Group }): boolean =>
  change.messageId !== undefined
    ? about.message !== undefined
    : change.type !== 'group_updated' || about.group !== undefined

/**
 * The event of a change, given what it is about as that is now. null when there is nothing to tell: a later entry
 * tells a later state, or what it was about is gone.
 */
export function changeEvent(
  change: Change,
  about: { message?: Message; group?: Group },
): DurableEvent | null {
  switch (change.type) {
    case 'message_updated':
    case 'message_deleted': {
      const { message } = about
      if (!message || message.ver > (change.ver ?? 0)) return null
      if (message.isDeleted) return deletedEvent(message)
      return { type: 'message_updated', group_id: change.groupId, message: messageView(message) }
    }
    case 'member_added':
    case 'member_removed':
      return { type: change.type, group_id: change.groupId, user_id: change.userId ?? '' }
    case 'group_updated': {
      if (!about.group) return null
      const { authorized_user_ids: _, ...group } = groupView(about.group)
      return { type: 'group_updated', group_id: change.groupId, group }
    }
    case 'adopted':
      return null
  }
}
