import type { Message } from '../../../src/client/types.ts'

/** What is left of a message that was deleted: its place. */
export const deleted = (message: Message): Message => ({
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
