/**
 * An entry of a group's second log: what happened to it apart from new messages. Entries are numbered by `rev` without
 * a gap. They are data: `changes.ts` says what each type means. An entry refers to its message and never copies
 * content, so text that is deleted or wiped is not in the log.
 */
export interface Change {
  readonly groupId: string
  readonly rev: number
  /** One of `changeKinds`, or of a newer version of this service that writes the same database. */
  readonly type: string
  /** The message head when the entry was written: the entry is delivered after the messages up to it. */
  readonly seq: number
  /** The running count of deleted messages, this change included. A restore lowers it. */
  readonly deleted: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** The message that it is about, if it is about one. */
  readonly messageId?: string
  /** The message's own seq, beside `messageId`. */
  readonly messageSeq?: number
  /** The message's `ver` that this change made, beside `messageId`. */
  readonly ver?: number
  /** What the entry says besides, as its type defines it. */
  readonly data: ChangeData
}

export type ChangeData = Readonly<Record<string, unknown>>

/** The last numbers of a group's two logs, and how many of its messages are deleted. */
export interface Head {
  readonly seq: number
  readonly rev: number
  readonly deleted: number
}
