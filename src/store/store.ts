import type { Change } from '../domain/change.ts'
import type { Position } from '../domain/cursor.ts'
import type { Message } from '../domain/message.ts'
import type { Profile } from '../domain/profile.ts'
import type { AccountStore } from './accounts.ts'
import type { AttemptStore } from './attempts.ts'
import type { AuditStore } from './audit.ts'
import type { AvatarStore } from './avatars.ts'
import type { BanStore } from './bans.ts'
import type { Blobs } from './blobs.ts'
import type { BlockStore } from './blocks.ts'
import type { DeviceStore } from './devices.ts'
import type { ErasureStore } from './erasures.ts'
import type { ExportStore } from './exports.ts'
import type { FeedStore } from './feed.ts'
import type { FileStore } from './files.ts'
import type { GroupStore } from './groups.ts'
import type { InviteStore } from './invites.ts'
import type { LeaseStore } from './lease.ts'
import type { LetterStore } from './letters.ts'
import type { LogStore } from './log.ts'
import type { MemberStore } from './members.ts'
import type { MentionStore } from './mentions.ts'
import type { MessageStore } from './messages.ts'
import type { NameStore } from './names.ts'
import type { PinStore } from './pins.ts'
import type { PreferenceStore } from './preferences.ts'
import type { ProfileStore } from './profiles.ts'
import type { ReactionStore } from './reactions.ts'
import type { ReadStore } from './reads.ts'
import type { ReportStore } from './reports.ts'
import type { RetentionStore } from './retention.ts'
import type { RevisionStore } from './revisions.ts'
import type { SearchStore } from './search.ts'
import type { SecretStore } from './secrets.ts'
import type { SessionStore } from './sessions.ts'
import type { StatsStore } from './stats.ts'

/**
 * Where all is kept, by noun: each interface says what it promises. One contract suite (test/contracts/store.ts) holds
 * every implementation to these promises, and to those that all nouns share:
 *
 * - A write that resolved is durable. One that rejected with `unavailable` may or may not have happened: repeating it
 *   with the same id is safe.
 * - Writes check access (domain/access.ts) against the group as it is in the same transaction, or as late as the store can.
 * - Every method rejects with a ChatError: `unavailable` when the store is away, `storage_full` when it has no room,
 *   and what its own comment names. Anything else is a bug.
 * - Ids are well formed (24 hex digits) and values validated before they come here.
 */
export interface Store {
  /** `sqlite` or `mongodb`, for logs and health. */
  readonly kind: string
  /** Made with the database, renewed after a restore: cursors of another epoch mean nothing here. */
  readonly epoch: string

  readonly groups: GroupStore
  readonly members: MemberStore
  readonly bans: BanStore
  readonly invites: InviteStore
  readonly names: NameStore
  readonly preferences: PreferenceStore
  readonly profiles: ProfileStore
  readonly blocks: BlockStore
  readonly avatars: AvatarStore
  readonly messages: MessageStore
  readonly mentions: MentionStore
  readonly reactions: ReactionStore
  readonly revisions: RevisionStore
  readonly pins: PinStore
  readonly reads: ReadStore
  readonly retention: RetentionStore
  readonly reports: ReportStore
  readonly erasures: ErasureStore
  readonly exports: ExportStore
  readonly audit: AuditStore
  readonly files: FileStore
  readonly search: SearchStore
  readonly blobs: Blobs
  readonly log: LogStore
  readonly feed: FeedStore
  readonly lease: LeaseStore
  readonly secrets: SecretStore
  readonly accounts: AccountStore
  readonly sessions: SessionStore
  readonly attempts: AttemptStore
  readonly letters: LetterStore
  readonly devices: DeviceStore
  readonly stats: StatsStore

  /** Resolves when the store answers. */
  ping(): Promise<void>

  /**
   * Tells the sink what happens in the store, from now until `close`; what this process wrote itself is told too. A store
   * that one process has to itself never calls it. At most one sink.
   */
  watch(sink: StoreSink): void

  /** Ends open work, then frees everything. Later calls reject with `unavailable`. */
  close(): Promise<void>
}

/** Hears of writes, also those of other processes. All of it is a hint: it may come late, early, twice, or out of order. */
export interface StoreSink {
  message(message: Message): void
  change(change: Change): void
  /** The group's document was changed, or is gone, so it has to be checked again who may listen. */
  group(id: string): void
  /** These profiles may have changed. */
  profiles(profiles: readonly Profile[]): void
  /** Something may have been missed: every open group must catch up from its log, and groups may have been made unnoticed. */
  lost(): void
  /** The groups that somebody listens to here. Read each second where the store has to be asked. */
  openGroups(): Iterable<OpenGroup>
}

export interface OpenGroup {
  groupId: string
  /** All that happened up to here is known. */
  at: Position
}
