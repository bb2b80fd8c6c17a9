/**
 * An entry of a group's second log: what happened to it apart from new messages. Numbered by `rev` without a gap.
 * It refers to its message and never copies content, so deleted text is gone from the log too.
 */
export interface Change {
  readonly groupId: string
  readonly rev: number
  readonly type: ChangeType
  /** The message head when the entry was written: the entry is delivered after the messages up to it. */
  readonly seq: number
  /** The running count of deleted messages, this change included. */
  readonly deleted: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** The message, for `message_updated` and `message_deleted`. */
  readonly messageId?: string
  /** The message's own seq, beside `messageId`. */
  readonly messageSeq?: number
  /** The message's `ver` that this change made, beside `messageId`. */
  readonly ver?: number
  /** Who came or went, for `member_added` and `member_removed`. */
  readonly userId?: string
}

/** `adopted`: messages of the old service got their numbers; it is told by those messages, not by an event. */
export type ChangeType =
  | 'message_updated'
  | 'message_deleted'
  | 'member_added'
  | 'member_removed'
  | 'group_updated'
  | 'adopted'

/** The last numbers of a group's two logs, and how many of its messages are deleted. */
export interface Head {
  readonly seq: number
  readonly rev: number
  readonly deleted: number
}
