import type { Binary, ObjectId, Timestamp } from 'mongodb'
import type { ErasureCounts } from '../../domain/erasure.ts'
import type { Letter } from '../../domain/letter.ts'
import type { Notify } from '../../domain/preference.ts'
import type { Profile } from '../../domain/profile.ts'
import type { ReportStatus } from '../../domain/report.ts'
import type { BanDetails, DeedDoc } from './documents.ts'

/** Small records of our own, by name: the epoch, the adopter's lease, work that was begun. */
export interface MetaDoc {
  _id: string
  value?: string
  holder?: string | null
  n?: number
  group_id?: string
  /** With the note of a deletion: only the group of this `ver` is meant. */
  ver?: number | null
  /** With the note of a deletion: when the group was deleted, if its end has to be told, and whether it is to be. */
  at?: number
  is_told?: boolean
}

export interface SignalDoc {
  instance: string
  at: Date
  /** JSON: its keys may be users' ids, which must never be field names here. */
  body: string
}

/** Figures for operators: of everything (`total`), of an hour, of a group. */
export interface TotalsDoc {
  _id: string
  deleted?: number
  groups?: number
  messages?: number
  files?: number
  file_bytes?: number
  heat?: number
  at?: Date
}

/** A user who is banned, or was. */
export interface BanDoc {
  /** `group_id:user_id`. */
  _id: string
  group_id: string
  user_id: string
  /**
   * A single value, so that `$max` compares `rev` first, the entry of the log that told of the ban. One that was taken back
   * stays, and is higher than the ban itself: a writer that comes late with the ban can't bring it back.
   */
  ban: { rev: number; is_over: boolean } & BanDetails
}

/** What a message said in an earlier version. */
export interface RevisionDoc {
  /** `message_id:ver`. */
  _id: string
  message_id: string
  group_id: string
  ver: number
  content: string
  /** When it was replaced. */
  at: Date
  /** It came with a copy of a store that keeps none of edits that failed. */
  is_sure?: true
}

/** How far somebody who follows all logs has dealt with a group. */
export interface ConsumedDoc {
  /** `consumer:group_id`. */
  _id: string
  consumer: string
  group_id: string
  seq: number
  rev: number
}

export interface AuditDoc extends DeedDoc {
  /** Derived from the mark of the write that did it, so that it is recorded once. */
  _id: string
}

/** An erasure, by the digest of the user's id. */
export interface ErasureDoc {
  _id: string
  alias: string
  counts: ErasureCounts
  is_refused: boolean
  /** Whose erasure it is, and who wants it, until it is over. */
  user_id?: string
  by?: string
  changed?: Timestamp
}

/** What somebody said of a message to those who look after the service. */
export interface ReportDoc {
  _id: string
  message_id: string
  group_id: string
  sender_id: string
  reporter_id: string
  reason: string
  created_at: Date
  status: ReportStatus
  note: string
  decided_by: string | null
  decided_at: Date | null
  /** Nobody was told of it yet outside of the service. */
  is_untold?: true
}

export interface DeviceDoc {
  /** The endpoint. */
  _id: string
  user_id: string
  session_id: string | null
  p256dh: string
  auth: string
  created_at: Date
}

export type LetterDoc = Omit<Letter, 'id' | 'groupId' | 'dueAt'> & {
  _id: string
  group_id: string
  due_at: number | null
}

export interface PreferenceDoc {
  /** `group_id:user_id`. */
  _id: string
  group_id: string
  user_id: string
  notify?: Notify
  pinned?: boolean
  /** The group is hidden while it has no message after this `seq`. */
  hidden_up_to?: number
}

export interface NameDoc {
  /** A digest of the name. */
  _id: string
  /** How many groups of the name are gone. */
  incarnation: number
  /** The group that has the name, or is about to be made. */
  group_id?: string
}

export interface InviteDoc {
  /** The code. */
  _id: string
  group_id: string
  created_by: string
  by_operator: boolean
  created_at: Date
  expires_at: Date
  /** null: no bound. */
  max_uses: number | null
  uses: number
  /** How many uses there still are: `uses` and `left` change together. */
  left: number
  /** Uses by users of whom it is not settled yet whether they came in. */
  taken?: { user_id: string; id: string; at: Date }[]
}

/** Who a user is to others. */
export interface ProfileDoc {
  /** The user's id. */
  _id: string
  number: number
  username: string
  /** Unlike everybody else's; a stub has none. */
  name_key?: string
  display_name: string
  email: string | null
  /** Only accounts have it, and each its own. */
  email_key?: string
  avatar_url: string | null
  created_at: Date
  last_seen_at: Date | null
  origin: Profile['origin']
  claimed_name: string | null
  claimed_at: Date | null
  /** What the profile is found by. */
  terms: string[]
  /** When it was last written as others see it, by the server's clock. */
  changed?: Timestamp
}

/** Where a message may be found, by the message's id. */
export interface SearchDoc {
  _id: ObjectId
  group_id: string
  /** The order of all messages, but for their ids. */
  place: number
  /** Of the message as it was when this was written. */
  ver: number
  terms: string[]
}

/** A user whom another does not want to hear from. */
export interface BlockDoc {
  /** `user_id`, a line break, `blocked_id`. */
  _id: string
  user_id: string
  blocked_id: string
  created_at: Date
}

/** The picture of a user or of a group. */
export interface AvatarDoc {
  /** `sha256:` and whose it is. */
  _id: string
  sha256: string
  user_id?: string
  group_id?: string
  type: string
  bytes: Binary
}
