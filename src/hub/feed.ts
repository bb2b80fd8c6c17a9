import type { Change } from '../domain/change.ts'
import { changeEvent, hasSubject, losesAccess, type Subjects } from '../domain/changes.ts'
import { covers, type Position } from '../domain/cursor.ts'
import { messageEvent, type PassingEvent } from '../domain/events.ts'
import type { Message } from '../domain/message.ts'
import type { Store } from '../store/store.ts'
import { type Audience, createAudience } from './audience.ts'
import { isAfter, type LogEntry, readEntries } from './log.ts'

/** Events kept while somebody replays: enough for what happens while the last page is read. */
const ringSize = 1_024
const catchUpPage = 500
/** The log is read so many times, a while apart, for an entry that was announced. An entry that it still lacks was removed by hand. */
const mostFruitless = 10
const fruitlessPauseMs = 1_000
/** While the feed catches up, it tells so many bytes of frames in one turn of the event loop. */
const catchUpBytes = 256 * 1024

/**
 * One group's live path on this instance: it brings the two logs into one order and tells each entry once. What it is given is
 * only a hint. By its number the feed knows whether an entry is early, double or missing, and it reads the log for what is missing.
 */
export interface Feed {
  /** All entries up to this position were told. */
  readonly position: Position
  /** The listeners that hear what comes after `position`. */
  readonly listeners: Audience
  message(message: Message): void
  change(change: Change, subjects: Subjects): void
  /** Tells something that is not in the log, after what was told before it. */
  pass(event: PassingEvent): void
  /** The same for events that are no news to the users who caused them: their own connections don't hear of theirs. */
  passToOthers(events: readonly (PassingEvent & { userId: string })[]): void
  /** Keeps in a ring what is told from now on, for a reader that replays and will join. Returns the way to stop, to be called once. */
  keep(): () => void
  /** The events that the ring has after `from`. Returns null when the ring lacks some of them, or `from` is ahead of this feed. */
  tail(from: Position): LogEntry[] | null
  /** Reads the log until its end as of now. */
  catchUp(): Promise<void>
}

export interface FeedDeps {
  store: Store
  groupId: string
  start: Position
  /** An entry is missing, and the log has it: the feed has to catch up. */
  onGap(): void
  /** Is called before the entry's event is told, while `position` is still that before it. */
  onEntry?(entry: LogEntry): void
  onPacket?(events: number, listeners: number): void
}

export function createFeed(deps: FeedDeps): Feed {
  const { store, groupId } = deps
  let position = deps.start
  const listeners = createAudience(deps.onPacket)
  /** The entries told last, oldest first; `ringStart` is the position before the first of them. */
  let ring: LogEntry[] = []
  let ringStart: Position = position
  let keeping = 0
  /** Entries that came before their turn. A change whose event only the log can give answers null until the log is read. */
  const earlyMessages = new Map<number, Message>()
  const earlyChanges = new Map<number, () => LogEntry | null>()
  let gapAwaited = false
  /** How many reads in a row did not bring the entry that the feed waits for, and the timer of the next read. */
  let fruitless = 0
  let look: NodeJS.Timeout | undefined
  let reading: Promise<void> | undefined
  let readAgain = false

  /** Tells the entry to all listeners. Returns how many bytes of frames that were. */
  function emit(entry: LogEntry): number {
    // A listener that this entry takes out must be able to continue from the position before it.
    if (entry.event) deps.onEntry?.(entry)
    position = entry.at
    if (!keeping) ringStart = position
    if (!entry.event) return 0
    if (keeping) ring.push(entry)
    if (ring.length > ringSize) ringStart = (ring.shift() as LogEntry).at
    return listeners.emit(entry.event, entry.at)
  }

  /** Tells the early entries whose turn has come now. */
  function emitEarly(): void {
    for (;;) {
      const change = earlyChanges.get(position.rev + 1)
      const entry = change?.()
      if (entry) {
        earlyChanges.delete(entry.at.rev)
        emit(entry)
        continue
      }
      const message = earlyMessages.get(position.seq + 1)
      if (!message) return
      earlyMessages.delete(message.seq)
      emit(messageEntry(message))
    }
  }

  const messageEntry = (message: Message): LogEntry => ({
    log: 'messages',
    at: { ...position, seq: message.seq },
    event: messageEvent(message),
    loses: null,
  })

  function changeEntry(change: Change, subjects: Subjects): LogEntry | null {
    if (change.seq > position.seq) return null
    return {
      log: 'changes',
      at: { ...position, rev: change.rev },
      event: changeEvent(change, subjects),
      loses: losesAccess(change),
    }
  }

  /** Waits for a missing entry until the end of this turn. If it has not come by then, the log has it. */
  function waitForGap(): void {
    if (gapAwaited) return
    gapAwaited = true
    setImmediate(() => {
      gapAwaited = false
      if (earlyMessages.size || earlyChanges.size) deps.onGap()
    })
  }

  function catchUp(): Promise<void> {
    if (reading) readAgain = true
    reading ??= read()
    return reading
  }

  async function read(): Promise<void> {
    try {
      for (let more = true; more || readAgain; ) {
        readAgain = false
        const page = await readEntries(store, groupId, position, catchUpPage)
        let bytes = 0
        for (const entry of page.entries) {
          // The live path may have told some of these while we read.
          if (isAfter(entry, position)) bytes += emit(merge(entry))
          if (bytes < catchUpBytes) continue
          // The entries of a long outage would together be more than a listener's buffer may hold.
          await turn()
          bytes = 0
        }
        forgetEarly()
        emitEarly()
        more = page.more
        if (page.entries.length) fruitless = 0
      }
      lookAgainLater()
    } finally {
      // This happens in the same turn as the last check of `readAgain`, so a later call begins a new read.
      reading = undefined
    }
  }

  /** After a fail-over of the database, a read may not see yet what was announced: the log is read again later. */
  function lookAgainLater(): void {
    if (look || (!earlyMessages.size && !earlyChanges.size)) return
    if (++fruitless > mostFruitless) {
      fruitless = 0
      earlyMessages.clear()
      earlyChanges.clear()
      return
    }
    look = setTimeout(() => {
      look = undefined
      deps.onGap()
    }, fruitlessPauseMs).unref()
  }

  const merge = (entry: LogEntry): LogEntry => ({
    ...entry,
    at: { seq: Math.max(entry.at.seq, position.seq), rev: Math.max(entry.at.rev, position.rev) },
  })

  function forgetEarly(): void {
    for (const seq of earlyMessages.keys()) if (seq <= position.seq) earlyMessages.delete(seq)
    for (const rev of earlyChanges.keys()) if (rev <= position.rev) earlyChanges.delete(rev)
  }

  return {
    get position() {
      return position
    },
    listeners,

    message(message) {
      if (message.seq <= position.seq) return
      if (message.seq === position.seq + 1) {
        emit(messageEntry(message))
        if (earlyMessages.size || earlyChanges.size) emitEarly()
      } else {
        earlyMessages.set(message.seq, message)
        waitForGap()
      }
    },

    change(change, subjects) {
      if (change.rev <= position.rev) return
      if (hasSubject(change, subjects)) earlyChanges.set(change.rev, () => changeEntry(change, subjects))
      else if (!earlyChanges.has(change.rev)) earlyChanges.set(change.rev, () => null)
      emitEarly()
      if (earlyChanges.size) waitForGap()
    },

    pass: (event) => void listeners.emit(event),

    passToOthers(events) {
      if (events.length) listeners.emitToOthers(events)
    },

    keep() {
      keeping++
      return () => {
        if (--keeping) return
        ring = []
        ringStart = position
      }
    },

    tail(from) {
      if (!covers(from, ringStart) || !covers(position, from)) return null
      const entries: LogEntry[] = []
      // A live event is told as it happened, not in the form that a replay gives it, so its cursor needs no replay part.
      let { seq, rev } = from
      for (const entry of ring) {
        if (!isAfter(entry, from)) continue
        seq = Math.max(seq, entry.at.seq)
        rev = Math.max(rev, entry.at.rev)
        entries.push({ ...entry, at: { seq, rev } })
      }
      return entries
    },

    catchUp,
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
