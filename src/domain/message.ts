import { type Static, Type } from 'typebox'
import { AttachmentList, FileView, fileExample, fileView, type StoredFile } from './file.ts'
import { limits } from './limits.ts'
import { MentionList, type Mentions, noMentions } from './mention.ts'
import { Metadata, noMetadata } from './metadata.ts'
import { type PersonOf, PersonView } from './person.ts'
import { neverPinned, type Pinned } from './pin.ts'
import { noReactions, type Reactions, ReactionView, reactionViews } from './reaction.ts'
import { noReply, type Replying } from './reply.ts'
import { Id, Label, Text, Time, time } from './text.ts'
import { invalid, isValid } from './validate.ts'

/** Times are milliseconds since 1970. */
export interface Message extends Mentions, Pinned, Replying {
  readonly id: string
  readonly groupId: string
  readonly senderId: string
  /** Empty once deleted: the number stays, and the text, where it is kept, is for operators only. */
  readonly content: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly isDeleted: boolean
  /** 1, 2, 3, ... without a gap in its group: the only order there is. */
  readonly seq: number
  /** 1 when sent, raised by each edit, delete and restore. */
  readonly ver: number
  /** When it was edited last; null when it never was. */
  readonly editedAt: number | null
  /** The sender's idempotency key, if it gave one. */
  readonly clientId: string | null
  readonly metadata: Metadata
  /** In the order in which the sender named them. */
  readonly attachments: readonly StoredFile[]
  readonly reactions: Reactions
  /** How many direct answers it has that are not deleted. */
  readonly replyCount: number
  /** Who deleted it; null while nobody has, and where it is not known. */
  readonly deletedBy: string | null
}

/** A message on its way to the store, which gives it its `seq`. */
export interface Send extends Mentions, Replying {
  readonly id: string
  readonly groupId: string
  readonly senderId: string
  readonly content: string
  readonly createdAt: number
  readonly clientId: string | null
  readonly metadata: Metadata
  /** As `FileStore.reserve` answered them for this message. */
  readonly attachments: readonly StoredFile[]
  /** A hash of all fields of the send. It tells a repeat from another message under the same key. */
  readonly sendHash: string | null
}

/** What a message tells to and of others, where it is only a text. */
const told = { ...noMentions, metadata: noMetadata, attachments: [] as readonly StoredFile[] }

/** What a send says beside its text, where it says no more. */
export const textOnly = { ...told, ...noReply }

/** The message that a send becomes with its number. */
export const sentMessage = ({ sendHash: _, ...send }: Send, seq: number): Message => ({
  ...send,
  updatedAt: send.createdAt,
  isDeleted: false,
  seq,
  ver: 1,
  editedAt: null,
  reactions: noReactions,
  replyCount: 0,
  ...neverPinned,
  deletedBy: null,
})

/** The message as it may be shown: of a deleted one nothing is left but that it was there, and what it answered. */
export const shown = (message: Message): Message =>
  message.isDeleted
    ? { ...message, ...told, content: '', reactions: { ...message.reactions, kinds: [] }, pinnedAt: null }
    : message

const text = Text({ maxLength: limits.messageContent })

/** Only the use case knows whether there are files, without which the text may not be empty: `requireText`. */
const content = Type.Refine(
  Type.String({
    maxLength: limits.messageContent,
    description: 'Unicode text, not blank. It may be empty where there are attachments.',
  }),
  (value) => value === '' || isValid(text, value),
  () => notBlank,
)
const notBlank = 'must be well-formed Unicode and not blank'

/** Throws invalid for a message that says nothing. */
export function requireText(content: string, attachments: readonly unknown[]): void {
  if (content === '' && !attachments.length) throw invalid([{ field: 'content', message: notBlank }])
}

/** The sender's own key for a message. A second send with the same key is answered with the first message. */
export const ClientId = Label({ maxLength: limits.clientId })

/** What a client says of a message beside its text. */
const said = {
  mentions: Type.Optional(MentionList),
  metadata: Type.Optional(Metadata),
}

export const NewMessage = Type.Object(
  {
    content,
    client_id: Type.Optional(ClientId),
    reply_to: Type.Optional({ ...Id, description: 'The message of this group that it answers.' }),
    ...said,
    mention_all: Type.Optional(Type.Boolean({ description: 'Call everybody who reads the group.' })),
    attachments: Type.Optional(AttachmentList),
  },
  {
    title: 'NewMessage',
    examples: [
      { content: 'Lunch at noon?', client_id: 'lunch-1', mentions: ['bob'], metadata: { topic: 'lunch' } },
    ],
  },
)
export type NewMessage = Static<typeof NewMessage>

/** What an edit changes; a field that is left out stays as it is. */
export const MessageEdit = Type.Object(
  { content: Type.Optional(content), ...said },
  { title: 'MessageEdit', examples: [{ content: 'Lunch at one?', mentions: ['bob', 'eve'] }] },
)
export type MessageEdit = Static<typeof MessageEdit>

export const messageExample = {
  id: '65920080c0ffee0000000002',
  group_id: '65920080c0ffee0000000001',
  sender_id: 'alice',
  sender: { id: 'alice', username: 'alice', display_name: 'alice', avatar_url: null },
  content: 'Lunch at one?',
  created_at: '2026-01-01T11:00:00.000Z',
  updated_at: '2026-01-01T11:05:00.000Z',
  edited_at: '2026-01-01T11:05:00.000Z',
  is_deleted: false,
  seq: 7,
  ver: 2,
  client_id: 'lunch-1',
  reply_to: null,
  thread_id: null,
  reply_count: 1,
  mentions: ['bob', 'eve'],
  mention_all: false,
  reactions: [{ emoji: '👍', count: 1, user_ids: ['bob'] }],
  pinned_at: null,
  attachments: [fileExample],
  metadata: { topic: 'lunch' },
}

export const MessageView = Type.Object(
  {
    id: Id,
    group_id: Id,
    sender_id: Type.String(),
    sender: PersonView,
    content: Type.String(),
    created_at: Time,
    updated_at: Time,
    edited_at: Type.Union([Time, Type.Null()], { description: 'null when it was never edited.' }),
    is_deleted: Type.Boolean(),
    seq: Type.Integer({ minimum: 1 }),
    ver: Type.Integer({ minimum: 1 }),
    client_id: Type.Optional(ClientId),
    reply_to: Type.Union([Id, Type.Null()]),
    thread_id: Type.Union([Id, Type.Null()], { description: 'The first message of the thread.' }),
    reply_count: Type.Integer({ minimum: 0, description: 'Direct answers that are not deleted.' }),
    mentions: Type.Array(Type.String()),
    mention_all: Type.Boolean(),
    reactions: Type.Array(ReactionView),
    pinned_at: Type.Union([Time, Type.Null()]),
    attachments: Type.Array(FileView, { maxItems: limits.attachments }),
    metadata: Type.Record(Type.String(), Type.Unknown()),
  },
  { title: 'Message', examples: [messageExample] },
)
export type MessageView = Static<typeof MessageView>

/** `prefix`: what the paths of the API begin with. */
export const messageView = (message: Message, prefix: string, personOf: PersonOf): MessageView => ({
  id: message.id,
  group_id: message.groupId,
  sender_id: message.senderId,
  sender: personOf(message.senderId),
  content: message.content,
  created_at: time(message.createdAt),
  updated_at: time(message.updatedAt),
  edited_at: message.editedAt === null ? null : time(message.editedAt),
  is_deleted: message.isDeleted,
  seq: message.seq,
  ver: message.ver,
  ...(message.clientId === null ? undefined : { client_id: message.clientId }),
  reply_to: message.replyTo,
  thread_id: message.threadId,
  reply_count: message.replyCount,
  mentions: [...message.mentions],
  mention_all: message.mentionAll,
  reactions: reactionViews(message.reactions),
  pinned_at: message.pinnedAt === null ? null : time(message.pinnedAt),
  attachments: message.attachments.map((file) => fileView(file, prefix)),
  metadata: message.metadata,
})

/** One of three ways through the history. */
export type MessagePage = { limit: number /** Without answers. */; roots?: boolean } & (
  | /** Newest first, leaving out the `offset` newest. */ { offset: number }
  | /** Newest first, of those with a lower seq. */ { before: number }
  | /** Oldest first, of those with a higher seq. */ { after: number }
)
