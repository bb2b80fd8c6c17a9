import type { Change } from '../domain/change.ts'
import { changeEvent, foldKey, hasSubject, losesAccess, type Subjects } from '../domain/changes.ts'
import type { Position } from '../domain/cursor.ts'
import { messageEvent } from '../domain/events.ts'
import type { Message } from '../domain/message.ts'
import { createFolding, foldEntries } from './folding.ts'
import type { LogEntry } from './log.ts'

/**
 * Entries of a group's two logs that came before their turn, and changes that are held for a moment, so that all
 * reactions to a message are told together. A held change keeps its place: no change that follows it in the log is told
 * before it.
 */
export interface Early {
  /** How many entries wait. */
  readonly size: number
  message(message: Message): void
  /** A change that comes without its subject keeps its place, but the log has to be read before it can be told. */
  change(change: Change, subjects: Subjects): void
  /** Adds a change that was read from the log, in the log's order. */
  read(entry: LogEntry): void
  /** Ends the waiting of the changes that are held: the next `take` gives them. */
  press(): void
  /** Takes out the next entries to tell after `position`. There are none when one is missing, or they are held. */
  take(position: Position): LogEntry[]
  /** True when something is missing that the log has. */
  isBehind(position: Position): boolean
  /** To be called for each entry that is told: the next one with its fold key has to wait a moment. */
  told(entry: LogEntry): void
  /** True while changes are held. */
  readonly isHolding: boolean
  /** Milliseconds for which an entry with this fold key has to wait. */
  waitMs(key: string | null): number
  /** Drops the entries up to `position`, which were told in another way. */
  forget(position: Position): void
  clear(): void
}

interface Waiting {
  /** How many messages come before the change. */
  readonly seq: number
  /** null when the log has to be read before the change can be told. */
  readonly entry: LogEntry | null
}

export const messageEntry = (position: Position, message: Message): LogEntry => ({
  log: 'messages',
  at: { ...position, seq: message.seq },
  time: message.createdAt,
  event: messageEvent(message),
  loses: null,
  folds: null,
})

/** The entry's `at` is not its final one, which depends on where it is told. */
const changeEntry = (change: Change, subjects: Subjects): LogEntry => ({
  log: 'changes',
  at: { seq: change.seq, rev: change.rev },
  time: change.at,
  event: changeEvent(change, subjects),
  loses: losesAccess(change),
  folds: foldKey(change),
})

/** `onDue` is called when the changes that were held may be told. */
export function createEarly(clock: () => number, onDue: () => void): Early {
  const messages = new Map<number, Message>()
  const changes = new Map<number, Waiting>()
  const folding = createFolding(clock)
  /** Numbers of the changes that came without their subject. */
  const bodiless = new Set<number>()
  /** The highest `rev` of the changes that wait, and the highest `seq` that one of them has to follow. */
  let highest: Position = { seq: 0, rev: 0 }
  let holding: NodeJS.Timeout | undefined
  /** Numbers of changes that must not wait. Those that are held before them are told at once, too. */
  const pressing = new Set<number>()

  /** The change with this number, if it can be told: it has its event, and the messages before it were told. */
  function ready(position: Position, rev: number): LogEntry | null {
    const found = changes.get(rev)
    return found?.entry && found.seq <= position.seq ? { ...found.entry, at: { ...position, rev } } : null
  }

  /** The changes that follow `position` without a gap and may be told as one with others. */
  function foldable(position: Position): LogEntry[] {
    const run: LogEntry[] = []
    for (let rev = position.rev + 1; ; rev++) {
      const entry = ready(position, rev)
      if (!entry || entry.folds === null) return run
      run.push(entry)
    }
  }

  function remove(rev: number): void {
    changes.delete(rev)
    bodiless.delete(rev)
    pressing.delete(rev)
    if (!changes.size) highest = { seq: 0, rev: 0 }
  }

  function add(rev: number, seq: number, entry: LogEntry | null): void {
    changes.set(rev, { seq, entry })
    if (entry) bodiless.delete(rev)
    else bodiless.add(rev)
    highest = { seq: Math.max(highest.seq, seq), rev: Math.max(highest.rev, rev) }
    if (entry && entry.folds === null) pressing.add(rev)
  }

  function hold(ms: number): void {
    clearTimeout(holding)
    holding = setTimeout(() => {
      holding = undefined
      onDue()
    }, ms).unref()
  }

  function takeChanges(position: Position): LogEntry[] {
    if (holding && !pressing.size) return []
    const run = foldable(position)
    const waitMs = Math.max(0, ...run.map(({ folds }) => folding.waitMs(folds)))
    if (waitMs > 0 && !pressing.size) {
      hold(waitMs)
      return []
    }
    const entry = run.length ? null : ready(position, position.rev + 1)
    const taken = entry ? [entry] : foldEntries(run)
    for (const { at } of taken) remove(at.rev)
    return taken
  }

  return {
    get size() {
      return messages.size + changes.size
    },

    message: (message) => void messages.set(message.seq, message),

    change(change, subjects) {
      const isKnown = hasSubject(change, subjects)
      if (!isKnown && changes.has(change.rev)) return
      add(change.rev, change.seq, isKnown ? changeEntry(change, subjects) : null)
    },

    // The messages that come before it in the log have been told.
    read: (entry) => add(entry.at.rev, 0, entry),

    press() {
      if (changes.size) pressing.add(highest.rev)
    },

    take(position) {
      const taken = takeChanges(position)
      if (taken.length) return taken
      const message = messages.get(position.seq + 1)
      if (!message) return []
      messages.delete(message.seq)
      return [messageEntry(position, message)]
    },

    isBehind(position) {
      if (messages.size) return true
      if (!holding) return changes.size > 0
      // Changes that are only held have no gap among them, and each of them can be told.
      return bodiless.size > 0 || highest.rev > position.rev + changes.size || highest.seq > position.seq
    },

    told({ folds }) {
      if (folds !== null) folding.told(folds)
    },

    get isHolding() {
      return holding !== undefined
    },

    waitMs: folding.waitMs,

    forget({ seq, rev }) {
      for (const early of messages.keys()) if (early <= seq) messages.delete(early)
      for (const early of changes.keys()) if (early <= rev) remove(early)
    },

    clear() {
      clearTimeout(holding)
      holding = undefined
      messages.clear()
      for (const rev of changes.keys()) remove(rev)
    },
  }
}
