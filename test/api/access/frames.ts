import type { Need } from './rules.ts'

/** One frame of the socket for all groups, and what it needs. */
interface FrameCall {
  readonly need: Need
  readonly frame: { readonly type: string } & Record<string, unknown>
}

/** `:name` stands for an id of the scene. Whoever may hear the group has subscribed to it. */
export const frameCalls: readonly FrameCall[] = [
  { need: 'a token', frame: { type: 'ping' } },
  { need: 'listen', frame: { type: 'subscribe', group_id: ':group' } },
  { need: 'a token', frame: { type: 'unsubscribe', group_id: ':group' } },
  { need: 'write', frame: { type: 'message', group_id: ':group', content: 'hi' } },
  { need: 'to edit', frame: { type: 'edit', message_id: ':other', content: 'mine' } },
  { need: 'to edit own', frame: { type: 'edit', message_id: ':mine', content: 'mine' } },
  { need: 'to delete', frame: { type: 'delete', message_id: ':other' } },
  { need: 'to delete own', frame: { type: 'delete', message_id: ':mine' } },
  { need: 'write', frame: { type: 'react', message_id: ':other', emoji: '👍' } },
  { need: 'write', frame: { type: 'unreact', message_id: ':other', emoji: '👍' } },
  { need: 'pin', frame: { type: 'pin', message_id: ':other' } },
  { need: 'pin', frame: { type: 'unpin', message_id: ':other' } },
  { need: 'markRead', frame: { type: 'read', group_id: ':group', seq: 1 } },
]

/** Frames that need no right in a group, and whose answer is tried elsewhere. */
export const otherFrames = ['auth', 'typing']
