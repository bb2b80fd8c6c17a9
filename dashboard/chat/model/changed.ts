import type { ChatEvent, Message } from '../../../src/client/types.ts'
import { ownReactions } from './reactions.ts'

/** The message after an event that tells of it by its id. */
export function changedBy(event: ChatEvent, message: Message, ownId: string): Message {
  const { type, reactions, changed = [], my_reactions } = event
  if (type === 'message_deleted') return deleted(message)
  if (type === 'message_unpinned') return { ...message, pinned_at: null }
  if (type === 'message_pinned')
    return { ...message, pinned_at: message.pinned_at ?? new Date().toISOString() }
  if (type !== 'reactions') return message
  const own = my_reactions ?? ownReactions(reactions, message.my_reactions ?? [], changed, ownId)
  return { ...message, reactions, my_reactions: own }
}

/** What is left of a message that was deleted: its place. */
const deleted = (message: Message): Message => ({
  ...message,
  is_deleted: true,
  content: '',
  mentions: [],
  mention_all: false,
  reactions: [],
  my_reactions: [],
  pinned_at: null,
  attachments: [],
})
