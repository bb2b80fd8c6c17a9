import type { Change } from '../domain/change.ts'
import {
  changeEvent,
  foldKey,
  losesAccess,
  replayedEvent,
  type Subjects,
  subjectOf,
} from '../domain/changes.ts'
import type { Cursor, Position } from '../domain/cursor.ts'
import { type DurableEvent, messageEvent } from '../domain/events.ts'
import type { Store } from '../store/store.ts'
import { inOrder } from './order.ts'

/** One entry of a group's logs, as it is told. */
export interface LogEntry {
  /** Which of the two logs it is an entry of. */
  readonly log: 'messages' | 'changes'
  /** The position after this entry. */
  readonly at: Cursor
  /** When it happened, in milliseconds since 1970. */
  readonly time: number
  /** null when the entry only has its number, and nothing is told of it. */
  readonly event: DurableEvent | null
  /** The user who lost access by this entry, if one did. */
  readonly loses: string | null
  /** A key that is the same for entries that are told as one; null for an entry that is told by itself. */
  readonly folds: string | null
}

export interface LogPage {
  readonly entries: readonly LogEntry[]
  /** The position after the page. */
  readonly at: Cursor
  /** false when the log ended with this page at the time of the read. */
  readonly more: boolean
  /** The log was trimmed beyond `from`, so some of what happened since cannot be told any more. */
  readonly isTrimmed: boolean
}

/**
 * The events after a client's cursor, in the one order in which they are told. Messages are in their present form, so the
 * changes that are part of that form are passed over: a replay tells each thing once.
 */
export async function readEvents(
  store: Store,
  groupId: string,
  from: Cursor,
  limit: number,
): Promise<LogPage> {
  return readEntries(store, groupId, from, limit, await replayOf(store, groupId, from))
}

/** The same without leaving out anything, for a reader that may have been told some of these messages in an earlier form. */
export async function readEntries(
  store: Store,
  groupId: string,
  from: Position,
  limit: number,
  replay?: Position,
): Promise<LogPage> {
  const read = await store.log.read(groupId, from, limit)
  const { messages, changes } = read
  const isPassedOver = (change: Change) => isPartOf(replay, change)
  const tell = await eventReader(
    store,
    groupId,
    changes.filter((change) => !isPassedOver(change)),
    replay?.rev ?? 0,
  )
  const ordered = inOrder(from, read, limit)
  const cursor = (at: Position): Cursor => (replay ? { ...at, replay } : at)
  return {
    entries: ordered.entries.map((entry): LogEntry => {
      const at = cursor(entry.at)
      if ('message' in entry)
        return {
          log: 'messages',
          at,
          time: entry.message.createdAt,
          event: messageEvent(entry.message),
          loses: null,
          folds: null,
        }
      const { change } = entry
      return {
        log: 'changes',
        at,
        time: change.at,
        event: isPassedOver(change) ? null : tell(change),
        loses: losesAccess(change),
        folds: foldKey(change),
      }
    }),
    at: cursor(ordered.at),
    more: messages.length === limit || changes.length === limit,
    isTrimmed: changes.length > 0 && changes[0]?.rev !== from.rev + 1,
  }
}

/** Where this replay began. A replay under way keeps its beginning; a new one begins here if there are changes to tell. */
async function replayOf(store: Store, groupId: string, from: Cursor): Promise<Position | undefined> {
  if (from.replay && from.replay.rev > from.rev) return from.replay
  const head = await store.log.readHead(groupId)
  return head && head.rev > from.rev ? { seq: from.seq, rev: head.rev } : undefined
}

/** True when a reader at this position has not been told the entry. */
export const isAfter = (step: LogEntry, position: Position): boolean =>
  step.log === 'messages' ? step.at.seq > position.seq : step.at.rev > position.rev

/** True when the change is part of a message's form as this replay told it. */
const isPartOf = (replay: Position | undefined, change: Change): boolean =>
  replay !== undefined && change.rev <= replay.rev && (change.messageSeq ?? 0) > replay.seq

/** Reads what the changes are about, after the changes. Changes up to `replayed` are told as to a reader that was away. */
async function eventReader(store: Store, groupId: string, changes: readonly Change[], replayed: number) {
  const about = Map.groupBy(changes, subjectOf)
  const ids = new Set(about.get('message')?.flatMap(({ messageId }) => messageId ?? []))
  const messages = new Map(
    (ids.size ? await store.messages.readMany([...ids]) : []).map((message) => [message.id, message]),
  )
  const group = about.has('group') ? await store.groups.readSummary(groupId) : null
  return (change: Change): DurableEvent | null => {
    const message = messages.get(change.messageId ?? '')
    const subjects: Subjects = { ...(message && { message }), ...(group && { group }) }
    return change.rev <= replayed ? replayedEvent(change, subjects) : changeEvent(change, subjects)
  }
}
