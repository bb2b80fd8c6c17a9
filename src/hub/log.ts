import type { Change } from '../domain/change.ts'
import type { Cursor, Position } from '../domain/cursor.ts'
import { changeEvent, type DurableEvent, messageEvent } from '../domain/events.ts'
import type { Message } from '../domain/message.ts'
import type { Store } from '../store/store.ts'

/** One entry of a group's logs, as it is told. */
export interface LogEntry {
  /** Which of the two logs it is an entry of. */
  readonly log: 'messages' | 'changes'
  /** Where one stands after this step. */
  readonly at: Cursor
  /** null: a number passed without anything to tell. */
  readonly event: DurableEvent | null
}

export interface LogPage {
  readonly entries: readonly LogEntry[]
  /** Where one stands after the page. */
  readonly at: Cursor
  /** false when the log ended there as it was read. */
  readonly more: boolean
  /** The log was trimmed beyond `from`: something that happened since can't be told any more. */
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

/** The same without passing over anything, for one who may have been told some of these messages in an earlier form. */
export async function readEntries(
  store: Store,
  groupId: string,
  from: Position,
  limit: number,
  replay?: Position,
): Promise<LogPage> {
  // A change comes after the messages that were there when it was made.
  const { messages, changes } = await store.log.read(groupId, from, limit)
  const tell = await eventReader(
    store,
    groupId,
    changes.filter((change) => !isPartOf(replay, change)),
  )

  const isTrimmed = changes.length > 0 && changes[0]?.rev !== from.rev + 1
  const entries: LogEntry[] = []
  let { seq, rev } = from
  let next = 0
  for (const change of changes) {
    while (next < messages.length && (messages[next] as Message).seq <= change.seq) next = takeMessage(next)
    // The rest of the messages before this change is on the next page.
    if (next === messages.length && messages.length === limit && seq < change.seq) break
    // That a change names a number proves nothing: a message may have taken it that was rolled back since, or that this
    // read does not see yet. A number is passed over only for a higher message that is there.
    rev = change.rev
    entries.push({ log: 'changes', at: at(), event: isPartOf(replay, change) ? null : tell(change) })
  }
  // Where there are more changes, some may belong before the messages that are left.
  const allChanges = changes.length < limit && rev === (changes.at(-1)?.rev ?? rev)
  while (allChanges && next < messages.length) next = takeMessage(next)
  return { entries, at: at(), more: messages.length === limit || changes.length === limit, isTrimmed }

  function takeMessage(index: number): number {
    const message = messages[index] as Message
    seq = message.seq
    entries.push({ log: 'messages', at: at(), event: messageEvent(message) })
    return index + 1
  }
  function at(): Cursor {
    return replay ? { seq, rev, replay } : { seq, rev }
  }
}

/** Where this replay began: kept while it lasts, else begun here if there are changes to tell. */
async function replayOf(store: Store, groupId: string, from: Cursor): Promise<Position | undefined> {
  if (from.replay && from.replay.rev > from.rev) return from.replay
  const head = await store.log.readHead(groupId)
  return head && head.rev > from.rev ? { seq: from.seq, rev: head.rev } : undefined
}

/** True when one who stands below this step has not been told it. */
export const isAfter = (step: LogEntry, position: Position): boolean =>
  step.log === 'messages' ? step.at.seq > position.seq : step.at.rev > position.rev

/** True when the change is part of a message's form as this replay told it. */
const isPartOf = (replay: Position | undefined, change: Change): boolean =>
  replay !== undefined && change.rev <= replay.rev && (change.messageSeq ?? 0) > replay.seq

/** Reads, after the changes, what they are about. */
async function eventReader(store: Store, groupId: string, changes: readonly Change[]) {
  const ids = new Set(changes.flatMap((change) => change.messageId ?? []))
  const messages = new Map(
    (ids.size ? await store.messages.readMany([...ids]) : []).map((message) => [message.id, message]),
  )
  const group = changes.some((change) => change.type === 'group_updated')
    ? await store.groups.read(groupId)
    : null
  return (change: Change): DurableEvent | null => {
    const message = messages.get(change.messageId ?? '')
    return changeEvent(change, { ...(message && { message }), ...(group && { group }) })
  }
}
