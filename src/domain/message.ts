import { type Static, Type } from 'typebox'
import { limits } from './limits.ts'
import { neverPinned, type Pinned } from './pin.ts'
import { noReactions, type Reactions, ReactionView, reactionViews } from './reaction.ts'
import { Id, Label, Text, Time, time } from './text.ts'

/** Times are milliseconds since 1970. */
export interface Message extends Pinned {
  readonly id: string
  readonly groupId: string
  readonly senderId: string
  /** Empty once deleted: the text is gone, the number stays. */
  readonly content: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly isDeleted: boolean
  /** 1, 2, 3, ... without a gap in its group: the only order there is. */
  readonly seq: number
  /** 1 when sent, raised by each edit and by the delete. */
  readonly ver: number
  /** The sender's idempotency key, if it gave one. */
  readonly clientId: string | null
  readonly reactions: Reactions
  /** Who deleted it; null while nobody has, and where it is not known. */
  readonly deletedBy: string | null
}

/** A message on its way to the store, which gives it its `seq`. */
export interface Send {
  readonly id: string
  readonly groupId: string
  readonly senderId: string
  readonly content: string
  readonly createdAt: number
  readonly clientId: string | null
  /** A hash of all fields of the send. It tells a repeat from another message under the same key. */
  readonly sendHash: string | null
}

/** The message that a send becomes with its number. */
export const sentMessage = (
  { id, groupId, senderId, content, createdAt, clientId }: Send,
  seq: number,
): Message => ({
  id,
  groupId,
  senderId,
  content,
  createdAt,
  updatedAt: createdAt,
  isDeleted: false,
  seq,
  ver: 1,
  clientId,
  reactions: noReactions,
  ...neverPinned,
  deletedBy: null,
})

const content = Text({ maxLength: limits.messageContent, description: 'Unicode text, not blank.' })

/** The sender's own key for a message. A second send with the same key is answered with the first message. */
export const ClientId = Label({ maxLength: limits.clientId })

export const NewMessage = Type.Object(
  { content, client_id: Type.Optional(ClientId) },
  { title: 'NewMessage' },
)
export type NewMessage = Static<typeof NewMessage>

export const MessageEdit = Type.Object({ content }, { title: 'MessageEdit' })
export type MessageEdit = Static<typeof MessageEdit>

export const MessageView = Type.Object(
  {
    id: Id,
    group_id: Id,
    sender_id: Type.String(),
    content: Type.String(),
    created_at: Time,
    updated_at: Time,
    is_deleted: Type.Boolean(),
    seq: Type.Integer({ minimum: 1 }),
    ver: Type.Integer({ minimum: 1 }),
    client_id: Type.Optional(ClientId),
    reactions: Type.Array(ReactionView),
    pinned_at: Type.Union([Time, Type.Null()]),
  },
  { title: 'Message' },
)
export type MessageView = Static<typeof MessageView>

export const messageView = (message: Message): MessageView => ({
  id: message.id,
  group_id: message.groupId,
  sender_id: message.senderId,
  content: message.content,
  created_at: time(message.createdAt),
  updated_at: time(message.updatedAt),
  is_deleted: message.isDeleted,
  seq: message.seq,
  ver: message.ver,
  ...(message.clientId === null ? undefined : { client_id: message.clientId }),
  reactions: reactionViews(message.reactions),
  pinned_at: message.pinnedAt === null ? null : time(message.pinnedAt),
})

/** One of three ways through the history. */
export type MessagePage = { limit: number } & (
  | /** Newest first, leaving out the `offset` newest. */ { offset: number }
  | /** Newest first, of those with a lower seq. */ { before: number }
  | /** Oldest first, of those with a higher seq. */ { after: number }
)
