import type { Group, Message } from '../../../src/client/types.ts'

/** Whether the user wants to be told of this message, as the group's `notify` says. */
export function isWanted(message: Message, group: Group, ownId: string): boolean {
  const { sender_id, seq, is_deleted, mentions, mention_all } = message
  if (sender_id === ownId || is_deleted || seq <= group.read_seq) return false
  if (group.notify === 'all') return true
  return group.notify === 'mentions' && (mention_all || mentions.includes(ownId))
}
