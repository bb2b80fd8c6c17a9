import type { Group, Message } from '../../src/client/types.ts'

export const personOf = (id: string) => ({ id, username: id, display_name: id, avatar_url: null })

export const messageOf = (seq: number, fields: Partial<Message> = {}): Message => {
  const { sender_id = 'ann' } = fields
  return {
    id: `m${seq}`,
    group_id: 'g',
    sender_id,
    sender: personOf(sender_id),
    content: `text ${seq}`,
    created_at: new Date(seq * 1_000).toISOString(),
    updated_at: new Date(seq * 1_000).toISOString(),
    edited_at: null,
    is_deleted: false,
    seq,
    ver: 1,
    reply_to: null,
    thread_id: null,
    reply_count: 0,
    mentions: [],
    mention_all: false,
    reactions: [],
    pinned_at: null,
    attachments: [],
    metadata: {},
    ...fields,
  }
}

export const groupOf = (id: string, fields: Partial<Group> = {}): Group => ({
  id,
  number: 1,
  kind: 'group',
  name: id,
  description: '',
  visibility: 'private',
  post_policy: 'everyone',
  metadata: {},
  avatar_url: null,
  retention_days: null,
  authorized_user_ids: [],
  member_count: 2,
  created_at: new Date(0).toISOString(),
  updated_at: new Date(0).toISOString(),
  seq: 0,
  last_message_at: null,
  last_message: null,
  role: 'member',
  read_seq: 0,
  unread_count: 0,
  mention_count: 0,
  notify: 'mentions',
  pinned: false,
  hidden: false,
  ...fields,
})
