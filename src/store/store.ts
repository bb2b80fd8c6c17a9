import type { Caller } from '../domain/caller.ts'
import type { Change, Head } from '../domain/change.ts'
import type { Position } from '../domain/cursor.ts'
import type { Group, GroupPatch, GroupSummary } from '../domain/group.ts'
import type { Message, MessagePage, Send } from '../domain/message.ts'

/**
 * Where groups and messages are kept. One contract suite (test/contracts/store.ts) holds every implementation to
 * these promises:
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

  /** Resolves when the store answers. */
  ping(): Promise<void>

  /** Throws conflict when the id exists. */
  createGroup(group: Group): Promise<void>
  readGroup(id: string): Promise<Group | null>
  /**
   * The same, but never older than this call, whatever became of the database's primary meanwhile: to be asked before
   * anybody is sent away for good. May cost a write's time.
   */
  confirmGroup(id: string): Promise<Group | null>
  /** The groups that list this user, newest first, each with the first of its members. */
  listGroups(
    userId: string,
    page: { offset: number; limit: number },
  ): Promise<{ groups: GroupSummary[]; total: number }>
  /** Of the groups that list this user the newest, newest first. */
  listGroupIds(userId: string, limit: number): Promise<string[]>
  /**
   * Applies the patch and logs what changed: `group_updated` for name and description, `member_added` and
   * `member_removed` for each user. A patch that changes nothing logs nothing. Throws not_found, forbidden (owner only),
   * precondition_failed, precondition_required.
   */
  updateGroup(
    id: string,
    patch: GroupPatch,
    by: Caller,
    at: number,
  ): Promise<{ group: Group; changes: Change[] }>
  /** The group, its messages and its logs are gone. Throws not_found, forbidden (owner only). */
  deleteGroup(id: string, by: Caller): Promise<void>

  /**
   * Appends the message at the group's next `seq`. A message with this id that is there already is the answer, as it
   * is now, with `repeat`, when its `sendHash` is the same. Throws conflict when the hash differs, not_found,
   * forbidden (members only).
   */
  appendMessage(send: Send, by: Caller): Promise<{ message: Message; repeat: boolean }>
  /**
   * The message after the edit and the log's entry for it; the same content again changes nothing and logs nothing.
   * Throws not_found (also for a deleted message), forbidden (the sender, as a member).
   */
  editMessage(id: string, content: string, by: Caller, at: number): Promise<MessageChange>
  /** Empties the message and marks it deleted; again is a no-op without an entry. Throws not_found, forbidden (the sender, as a member). */
  deleteMessage(id: string, by: Caller, at: number): Promise<MessageChange>

  /** Deleted ones too. */
  readMessage(id: string): Promise<Message | null>
  /** In any order; ids that don't exist are left out; deleted ones are not. At most 1,000 ids. */
  readMessages(ids: readonly string[]): Promise<Message[]>
  /** Messages that are not deleted. */
  listMessages(groupId: string, page: MessagePage): Promise<Message[]>

  /** null when there is no such group. */
  readHead(groupId: string): Promise<Head | null>
  /**
   * The logs after a position, each ascending and at most `limit` long; messages include deleted ones.
   * Fewer than `limit` means that the log ended there when it was read. The messages are read after the changes (or in one
   * snapshot). Reads go forward in time: what one has seen, those after it see.
   */
  readLog(
    groupId: string,
    after: Position,
    limit: number,
  ): Promise<{ messages: Message[]; changes: Change[] }>
  /** The `rev` of the oldest change kept, minus one: a cursor below it is too old. 0 when nothing was trimmed. */
  readLogStart(groupId: string): Promise<number>
  /** Drops changes made before `before` (milliseconds since 1970), except each group's last one. Resolves to how many went. */
  trimChanges(before: number): Promise<number>

  /**
   * What there is, for operators; `at` is now. Costs the same whatever the store holds: it is kept with every write, or
   * by the store's own bookkeeping, and never counted.
   */
  stats(at: number): Promise<StoreStats>

  /**
   * Tells the sink what happens in the store, from now until `close`; what this process wrote itself is told too. A store
   * that one process has to itself never calls it. At most one sink.
   */
  watch(sink: StoreSink): void

  /** Ends open work, then frees everything. Later calls reject with `unavailable`. */
  close(): Promise<void>
}

export interface StoreStats {
  groups: number
  /** Deleted ones too. */
  messages: number
  deleted: number
  /** Made in the last 24 hours, to the hour, whether or not they still exist. */
  growth: { groups: number; messages: number }
  /** On the disk, indexes included; null when the store can't tell. */
  bytes: number | null
  /**
   * The ten groups with most activity, most first: each message counts, half as much with every week that has passed
   * since. `messages` leaves out deleted ones; `lastAt` is when the last one was sent, in milliseconds since 1970.
   */
  active: { id: string; name: string; messages: number; deleted: number; lastAt: number }[]
}

/** Hears of writes, also those of other processes. All of it is a hint: it may come late, early, twice, or out of order. */
export interface StoreSink {
  message(message: Message): void
  change(change: Change): void
  /** The group's document was changed, or is gone: check again who may listen. */
  group(id: string): void
  /** Something may have been missed: every open group must catch up from its log, and groups may have been made unnoticed. */
  lost(): void
  /** The groups that somebody listens to here. Read each second where the store has to be asked. */
  openGroups(): Iterable<string>
}

export interface MessageChange {
  message: Message
  /** Absent when nothing changed. `message` is read when this entry is durable, never before. */
  change?: Change
}
