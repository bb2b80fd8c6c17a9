/** What a message answers. */
export interface Replying {
  /** The message that it answers; null for a message that answers none. */
  readonly replyTo: string | null
  /** The first message of the thread that it is in; null for a message that answers none. */
  readonly threadId: string | null
}

export const noReply: Replying = { replyTo: null, threadId: null }

/** What an answer to this message answers. */
export const replyingTo = ({
  id,
  threadId,
}: { readonly id: string } & Pick<Replying, 'threadId'>): Replying => ({
  replyTo: id,
  threadId: threadId ?? id,
})

/** A part of a list of answers, oldest first: those with a higher seq. */
export interface ReplyPage {
  readonly after: number
  readonly limit: number
}
