import type { ObjectId, Timestamp } from 'mongodb'
import type { AuditAction } from '../../domain/audit.ts'
import type { Change, ChangeData } from '../../domain/change.ts'
import type { ChangeType } from '../../domain/changes.ts'
import type { GroupKind, PostPolicy, Visibility } from '../../domain/group.ts'
import type { Role } from '../../domain/member.ts'
import { noMentions } from '../../domain/mention.ts'
import { type Message, shown } from '../../domain/message.ts'
import { type Metadata, noMetadata } from '../../domain/metadata.ts'
import { neverPinned, type Pinned } from '../../domain/pin.ts'
import { noReactions, type Reactions } from '../../domain/reaction.ts'
import { type AttachedDoc, toAttachments } from './file-documents.ts'

/**
 * The documents as they are in MongoDB. Documents of the older service have only its own fields, those made by hand even
 * fewer. So a field that it never wrote is optional here, and one that it may have written as null can be null.
 */
export interface GroupDoc {
  _id: ObjectId
  name: string
  description?: string | null
  authorized_user_ids?: string[]
  created_at?: Date
  updated_at?: Date | null
  /** The first of `owner_ids`: an instance of the version before knows this one alone, and people write it by hand. */
  owner_id?: string
  /** The longest-serving first. */
  owner_ids?: string[]
  /** Absent until a group of an earlier version, or one made by hand, got its number. */
  number?: number
  kind?: GroupKind
  visibility?: Visibility
  post_policy?: PostPolicy
  /** JSON, because its keys are clients' and may be anything. */
  metadata?: string
  avatar_url?: string | null
  retention_days?: number | null
  /** Raised by each change that we log, so that a concurrent writer can't overwrite what it has not seen. */
  ver?: number
  /** The members as the log tells them; where `authorized_user_ids` differs, somebody edited it by hand. */
  logged_user_ids?: string[]
  /**
   * Changes that are in this document and not yet surely in the log. Their entries' ids come from `id`, not from `ver`,
   * which starts again where somebody replaces the document; marks of the version before have none.
   */
  unlogged?: { id?: string; at: Date; entries: MarkEntry[] }
  /** Changes up to this `rev` were trimmed. */
  log_start?: number
  /** Another value each time a direct chat is shown again to somebody, so that all instances look at who is in it. */
  shown?: string
}

/** One change of a mark. It holds all that is to be kept of the change, because the records of people are made from it. */
export interface MarkEntry {
  type: ChangeType
  user_id?: string
  /** What the log's entry says. A mark of the version before names the user alone. */
  data?: ChangeData
  /** When it happened, where several changes that came together are one mark. */
  at?: Date
  /** Beside `member_banned`, of which the log does not tell the terms. */
  ban?: BanDetails
  /** What it is for the audit, where it is something. */
  deed?: DeedDoc
}

export interface BanDetails {
  reason: string
  until: Date | null
  created_at: Date
  created_by: string
}

/** What somebody did by their power over others. */
export interface DeedDoc {
  action: AuditAction
  at: Date
  by: string
  user_id: string | null
  group_id: string | null
  message_id: string | null
  detail: Readonly<Record<string, unknown>>
}

export interface MessageDoc {
  _id: ObjectId
  group_id: string
  sender_id: string
  content: string
  created_at?: Date
  updated_at?: Date | null
  is_deleted?: boolean
  /** Absent until the message is adopted. */
  seq?: number
  /** `group_id:seq`, unique: whoever inserts it owns the number. */
  slot?: string
  ver?: number
  client_id?: string
  send_hash?: string
  edited_at?: Date
  /** What it answers, and `threadSlot`, by which a sparse index finds a thread's messages in their order. */
  reply_to?: string
  thread_id?: string
  thread_slot?: string
  /** How many answers it has, and the marks that were counted last; whether it is counted itself, and what is to be counted. */
  reply_count?: number
  counted?: string[]
  is_counted?: boolean
  count_mark?: { id: string; by: 1 | -1 }
  mentions?: readonly string[]
  mention_all?: boolean
  /** A key for each user who is mentioned: `mentionKey`. A sparse index has them. */
  mentioned?: readonly string[]
  /** The alias of somebody erased whom it mentioned. */
  unmentioned?: string
  /** As JSON, because its keys may be any, and it may be nested deeper than a document can be. */
  metadata?: string
  /** Its files; null once they are wiped. */
  attachments?: readonly AttachedDoc[] | null
  /** The `ver` of an edit that is not yet surely in the log, and what its entry's id comes from; as in GroupDoc. */
  unlogged?: number
  unlogged_id?: string
  /** What that is for the audit, where it is something. */
  unlogged_deed?: DeedDoc
  /** Set when somebody has ever reacted to the message, so that reactions are read only of such messages. */
  has_reactions?: true
  /** The `rev` of the last change of its reactions. */
  reactions_rev?: number
  /** Set as long as the text of a deleted message is kept, since when: the older service kept every text, and said nothing. */
  kept_since?: Date
  /** A mark of an edit is one of a restore. */
  restores?: true
  /** It was removed with others, of which the log does not surely tell yet. */
  is_removed?: true
  /** Who deleted it, where that is known. */
  deleted_by?: string | null
  /** Set when the message was ever pinned, so that pins are read only of such messages; and the `rev` of their last change. */
  was_pinned?: true
  pin_rev?: number
  /** Where the message was, once it is deleted: read-documents.ts. A message that was deleted before this was kept has none. */
  deleted_place?: string
}

/**
 * The pins of a group, by its id, in the order in which they came. They are in one document, so that there are never too many. A
 * message in it that is deleted is not pinned.
 */
export interface PinsDoc {
  _id: string
  /** Raised by each change: what a concurrent writer has not seen, it can't overwrite. */
  ver: number
  pinned: { message_id: string; at: Date }[]
  /** A change that is in this document and not yet surely in the log. `by` is who pinned; a pin that was taken off has none. */
  unlogged?: { id: string; at: Date; message_id: string; message_seq: number; by?: string }
}

export interface ReactionDoc {
  /** `message_id:emoji:user_id`. */
  _id: string
  group_id: string
  message_id: string
  message_seq: number
  emoji: string
  user_id: string
  /** False when the reaction was taken back. */
  is_there: boolean
  /** Different with each write: what a concurrent writer has not seen, it can't overwrite. */
  last: string
  /** When it came or went. */
  at: Date
  /** The `rev` of the last entry of the log that tells of this reaction; absent until the first is logged. */
  rev?: number
  /** The mark of a change that is not yet surely in the log. */
  unlogged?: string
}

export interface ChangeDoc {
  /** Derived from the change that it tells, so that it can't be logged twice. */
  _id: string
  group_id: string
  rev: number
  /** `group_id:rev`, unique. */
  slot: string
  type: string
  seq: number
  deleted: number
  at: Date
  message_id?: string
  message_seq?: number
  ver?: number
  data?: ChangeData
  /** The same as `data.user_id`, for instances of the version before on the same database, which know nothing of `data`. */
  user_id?: string
}

/** How far a group's logs have ever gone, by the group's id. */
export interface HeadDoc {
  _id: string
  seq?: number
  /** A single value, so that `$max` compares it as a whole, `rev` first. */
  changes?: { rev: number; deleted: number }
  /** The last message, and when it was sent. A single value as well. A version before this field left it out. */
  last?: { seq: number; at: Date }
  /** When the head was raised last, by the clock of the primary's cluster. A version before this field left it out. */
  moved?: Timestamp
  /** All messages up to this one were older than they are kept. */
  cleared?: number
}

/**
 * What is known of a user beside the group's list, which alone says who is a member. A listed user without a record came with
 * the group, or was added by hand. Each field is a single value, so that `$max` compares `rev` first.
 */
export interface MemberDoc {
  /** `group_id:user_id`. */
  _id: string
  group_id: string
  user_id: string
  /**
   * When the user joined, told by the entry `rev` of the log, after the message `seq`, which a version before this left out. A
   * single value, so that `$max` compares `rev` first. With `rev` 0 nobody told.
   */
  joined: { rev: number; at: Date; seq?: number }
  /** The role that the entry `rev` gave. It ends with the membership: one that is older than `joined` counts no more. */
  given?: { rev: number; role: Role }
  /** Until when the user is muted, by the entry `rev`, or, for a guest, after it. */
  muted?: { rev: number; until: Date | null }
}

/** A group's members as the log told them last, by the group's id. */
export interface RosterDoc {
  _id: string
  /** The list after the entry `rev`. A single value, so that `$max` compares `rev` first. */
  told: { rev: number; user_ids: string[] }
  /** The group's number, which has to be the same again in a document that somebody replaced. */
  number?: number
  /** What was there before this service took on the group, or began to keep who has read what, counts as read by all. */
  read_base?: number
}

/** A message that has its number. */
export type NumberedDoc = MessageDoc & { seq: number }

export const isNumbered = (doc: MessageDoc): doc is NumberedDoc => typeof doc.seq === 'number'

/** What was written by hand may be of any type. */
export const text = (value: unknown): string =>
  typeof value === 'string' ? value : value == null ? '' : String(value)

/** A document without a date was made by hand; its id knows when. */
export const createdAt = (doc: { _id: ObjectId; created_at?: unknown }): number =>
  (doc.created_at instanceof Date ? doc.created_at : doc._id.getTimestamp()).getTime()

export const updatedAt = (doc: { _id: ObjectId; created_at?: unknown; updated_at?: unknown }): number =>
  doc.updated_at instanceof Date ? doc.updated_at.getTime() : createdAt(doc)

/** The message with all that is kept of it, though it may be deleted. */
export const keptMessage = (
  doc: NumberedDoc,
  reactions: Reactions = noReactions,
  pin: Pinned = neverPinned,
): Message => ({
  id: doc._id.toHexString(),
  groupId: doc.group_id,
  senderId: text(doc.sender_id),
  content: text(doc.content),
  createdAt: createdAt(doc),
  updatedAt: updatedAt(doc),
  isDeleted: doc.is_deleted === true,
  seq: doc.seq,
  ver: doc.ver ?? 1,
  editedAt: doc.edited_at?.getTime() ?? null,
  clientId: doc.client_id ?? null,
  mentions: doc.mentions ?? noMentions.mentions,
  mentionAll: doc.mention_all === true,
  replyTo: doc.reply_to ?? null,
  threadId: doc.thread_id ?? null,
  replyCount: Math.max(doc.reply_count ?? 0, 0),
  metadata: doc.metadata === undefined ? noMetadata : (JSON.parse(doc.metadata) as Metadata),
  attachments: toAttachments(doc),
  reactions,
  ...pin,
  deletedBy: (doc.is_deleted && doc.deleted_by) || null,
})

export const toMessage = (...of: Parameters<typeof keptMessage>): Message => shown(keptMessage(...of))

export const toChange = (doc: ChangeDoc): Change => ({
  groupId: doc.group_id,
  rev: doc.rev,
  type: doc.type,
  seq: doc.seq,
  deleted: doc.deleted,
  at: doc.at.getTime(),
  ...(doc.message_id !== undefined && { messageId: doc.message_id }),
  ...(doc.message_seq !== undefined && { messageSeq: doc.message_seq }),
  ...(doc.ver !== undefined && { ver: doc.ver }),
  data: doc.data ?? (doc.user_id === undefined ? {} : { user_id: doc.user_id }),
})
