/** The event of a message as our service tells it: the same fields and about the same bytes. */
export const newMessage = (content: string, seq: number) => ({
  type: 'new_message',
  group_id: '0123456789abcdef01234567',
  message: {
    id: seq.toString(16).padStart(24, '0'),
    group_id: '0123456789abcdef01234567',
    sender_id: 'user0',
    content,
    created_at: new Date().toISOString(),
    updated_at: new Date().toISOString(),
    is_deleted: false,
    seq,
    ver: 1,
  },
  cursor: `0123456789ab.${seq}.0`,
})
