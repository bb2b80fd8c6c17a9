import type { Account } from '../../domain/account.ts'
import type { AccountSession, SessionEndReason } from '../../domain/account-session.ts'
import type { Deed } from '../../domain/audit.ts'
import type { AvatarType } from '../../domain/avatar.ts'
import type { Ban } from '../../domain/ban.ts'
import type { Change } from '../../domain/change.ts'
import type { Position } from '../../domain/cursor.ts'
import type { Device } from '../../domain/device.ts'
import type { Erasure } from '../../domain/erasure.ts'
import type { StoredFile } from '../../domain/file.ts'
import type { GroupWithMembers } from '../../domain/group.ts'
import type { Invite } from '../../domain/invite.ts'
import type { Letter } from '../../domain/letter.ts'
import type { Role } from '../../domain/member.ts'
import type { Message } from '../../domain/message.ts'
import type { Chosen } from '../../domain/preference.ts'
import type { Profile } from '../../domain/profile.ts'
import type { Report } from '../../domain/report.ts'
import type { HourOfUploads } from '../../domain/upload-quota.ts'

/**
 * What is copied from one store to another: all state, as records that belong to no store. What a store derives from it (counts, slots,
 * indexes, the order of the feed) is in no record; whoever fills a store makes it. Times are milliseconds since 1970.
 */
export interface Records {
  /** One record: the epoch, which every cursor names, and the last numbers that a group and a profile got. */
  settings: { epoch: string; groupNumber: number; profileNumber: number }
  /** What is made once and kept for good, such as the keys that clients have subscribed to. */
  secrets: { name: string; value: string }
  groups: GroupRecord
  members: MemberRecord
  /** A mute outlives the membership. */
  mutes: InGroup & { userId: string; until: number }
  bans: InGroup & Ban
  messages: MessageRecord
  /** The groups' logs of changes. */
  changes: Change
  reactions: InGroup & { messageId: string; messageSeq: number; userId: string; emoji: string; rev: number }
  /** A group's pins, in the order in which they came; `rev` is that of the pin's entry in the log. */
  pins: InGroup & { pinned: readonly { messageId: string; at: number; rev: number }[] }
  revisions: InGroup & { messageId: string; ver: number; content: string; replacedAt: number }
  invites: Invite
  names: { name: string; incarnation: number; groupId: string | null }
  preferences: InGroup & Chosen & { userId: string }
  /** Who follows all logs. Each store has cursors of its own: in the new one they begin anew, and the positions say what is done. */
  consumers: { consumer: string }
  positions: InGroup & Position & { consumer: string }
  /** `gone`: only its bytes are still to be removed. */
  files: StoredFile & { messageId: string | null; hidden: boolean; gone: boolean }
  /** What a user uploaded, by hours counted from 1970. */
  uploads: { userId: string; hours: readonly HourOfUploads[] }
  /** What a receiver outside is still to be told, or was not. */
  letters: Letter
  devices: Device
  /** `isTold`: outside of the service, too. */
  reports: Report & { isTold: boolean }
  profiles: Profile
  accounts: Account
  /** `knownUntil`: from then on nobody needs to know of it. */
  sessions: AccountSession & { endedAt: number | null; why: SessionEndReason | null; knownUntil: number }
  /** When something was attempted last, the latest last, and until when that counts. */
  attempts: { key: string; times: readonly number[]; until: number }
  remembered: { key: string; until: number }
  /** `userId` does not want to hear from `blockedId`. */
  blocks: { userId: string; blockedId: string; createdAt: number }
  /** The picture of a user or of a group; the other of the two is empty. `bytes`: in base64. */
  avatars: { groupId: string; userId: string; sha256: string; type: AvatarType; bytes: string }
  /** `userId` and `by`: until it is over; else null. */
  erasures: Erasure & { key: string; isRefused: boolean; userId: string | null; by: string | null }
  /** `key` is unlike that of other entries, and of those of the same time the later is higher. A store need not keep it. */
  audit: Deed & { key: string }
  /** What was made in an hour, counted from 1970. */
  totals: { hour: number; groups: number; messages: number }
}

interface InGroup {
  readonly groupId: string
}

/** With the ends of the group's logs. `authorizedUserIds` are in their order. */
export interface GroupRecord extends GroupWithMembers {
  readonly seq: number
  readonly rev: number
  /** How many messages the log has told to be deleted. */
  readonly deleted: number
  readonly lastMessageAt: number | null
  /** All messages up to this one were older than they are kept, and are gone. */
  readonly clearedSeq: number
  /** By which groups are ranked: domain/activity.ts. */
  readonly heat: number
}

export interface MemberRecord extends InGroup {
  readonly userId: string
  readonly role: Role
  readonly joinedAt: number
  /** Up to here the member has read, or was not there yet. */
  readonly readSeq: number
  /** When the member said so last. */
  readonly readAt: number | null
}

/** `content` is the text, also of a deleted message where it is kept: `keptSince`. Reactions and pins have records of their own. */
export interface MessageRecord extends Omit<Message, 'reactions' | 'pinnedAt'> {
  readonly sendHash: string | null
  readonly reactionsRev: number
  readonly keptSince: number | null
}

export type Noun = keyof Records

/** In the order in which they are filled: what is about a group comes after the groups. */
export const nouns = [
  'settings',
  'secrets',
  'groups',
  'members',
  'mutes',
  'bans',
  'messages',
  'changes',
  'reactions',
  'pins',
  'revisions',
  'invites',
  'names',
  'preferences',
  'consumers',
  'positions',
  'files',
  'uploads',
  'letters',
  'devices',
  'reports',
  'profiles',
  'accounts',
  'sessions',
  'attempts',
  'remembered',
  'blocks',
  'avatars',
  'erasures',
  'audit',
  'totals',
] as const satisfies readonly Noun[]

/** Of the records as a whole. A copy that another version has begun can't be gone on with. */
export const recordFormat = 1
