import type { Change } from '../domain/change.ts'
import { foldKey, hasSubject, type Subjects } from '../domain/changes.ts'
import { covers, type Position } from '../domain/cursor.ts'
import type { PassingEvent } from '../domain/events.ts'
import type { Message } from '../domain/message.ts'
import type { Store } from '../store/store.ts'
import { type Audience, createAudience } from './audience.ts'
import { createEarly, messageEntry } from './early.ts'
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
  /** Reads the log until its end as of now, and tells all of it; what may be held is told later, unless `isPressed`. */
  catchUp(isPressed?: boolean): Promise<void>
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
  const early = createEarly(() => performance.now(), emitDue)
  let gapAwaited = false
  let laterLook: NodeJS.Timeout | undefined
  /** How many reads in a row did not bring the entry that the feed waits for, and the timer of the next read. */
  let fruitless = 0
  let look: NodeJS.Timeout | undefined
  let reading: Promise<void> | undefined
  /** Somebody waits for all of it to be told. */
  let isAwaited = false
  let readAgain = false

  /** Tells the entry to all listeners. Returns how many bytes of frames that were. */
  function emit(entry: LogEntry): number {
    // A listener that this entry takes out must be able to continue from the position before it.
    if (entry.event) deps.onEntry?.(entry)
    position = entry.at
    if (!keeping) ringStart = position
    if (!entry.event) return 0
    early.told(entry)
    if (keeping) ring.push(entry)
    if (ring.length > ringSize) ringStart = (ring.shift() as LogEntry).at
    return listeners.emit(entry.event, entry.at)
  }

  /** Tells the early entries whose turn has come now. */
  function emitEarly(): number {
    let bytes = 0
    for (let entries = early.take(position); entries.length; entries = early.take(position))
      for (const entry of entries) bytes += emit(entry)
    return bytes
  }

  function emitDue(): void {
    emitEarly()
    if (early.isBehind(position)) waitForGap()
  }

  /** Waits for a missing entry until the end of this turn, or as long as is given. If it has not come by then, the log has it. */
  function waitForGap(waitMs = 0): void {
    if (waitMs > 0) {
      if (!laterLook) laterLook = setTimeout(lookForGap, waitMs).unref()
      return
    }
    if (gapAwaited) return
    gapAwaited = true
    setImmediate(lookForGap)
  }

  function lookForGap(): void {
    clearTimeout(laterLook)
    laterLook = undefined
    gapAwaited = false
    if (early.isBehind(position)) deps.onGap()
  }

  function catchUp(isPressed = true): Promise<void> {
    isAwaited ||= isPressed
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
          if (isAfter(entry, position)) bytes += emitRead(entry)
          if (bytes < catchUpBytes) continue
          // What a whole outage brought would be more than a listener's buffer may hold at once.
          await turn()
          bytes = 0
        }
        early.forget(position)
        if (page.more || isAwaited) early.press()
        emitEarly()
        more = page.more
        if (page.entries.length) fruitless = 0
      }
      lookAgainLater()
    } finally {
      // This happens in the same turn as the last check of `readAgain`, so a later call begins a new read.
      reading = undefined
      isAwaited = false
    }
  }

  /** After a fail-over of the database, a read may not see yet what was announced: the log is read again later. */
  function lookAgainLater(): void {
    if (look || !early.isBehind(position)) return
    if (++fruitless > mostFruitless) {
      fruitless = 0
      early.clear()
      return
    }
    look = setTimeout(() => {
      look = undefined
      deps.onGap()
    }, fruitlessPauseMs).unref()
  }

  /** Tells an entry of the log, or holds it. Returns how many bytes of frames were told. */
  function emitRead(entry: LogEntry): number {
    const { seq, rev } = entry.at
    if (entry.log === 'messages') return emit({ ...entry, at: { ...position, seq } })
    if (!early.isHolding && early.waitMs(entry.folds) === 0)
      return emit({ ...entry, at: { ...position, rev } })
    early.read(entry)
    return emitEarly()
  }

  return {
    get position() {
      return position
    },
    listeners,

    message(message) {
      if (message.seq <= position.seq) return
      if (message.seq === position.seq + 1) {
        emit(messageEntry(position, message))
        if (early.size) emitEarly()
      } else {
        early.message(message)
        waitForGap()
      }
    },

    change(change, subjects) {
      if (change.rev <= position.rev) return
      early.change(change, subjects)
      emitEarly()
      // The log is read when what it lacks may be told.
      if (early.isBehind(position))
        waitForGap(hasSubject(change, subjects) ? 0 : early.waitMs(foldKey(change)))
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
