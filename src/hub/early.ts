import type { Change } from '../domain/change.ts'
import { changeEvent, foldKey, hasSubject, losesAccess, type Subjects } from '../domain/changes.ts'
import type { Position } from '../domain/cursor.ts'
import { messageEvent } from '../domain/events.ts'
import type { Message } from '../domain/message.ts'
import { createFolding, foldEntries } from './folding.ts'
import type { LogEntry } from './log.ts'

/**
 * Entries of a group's two logs that came before their turn, and those that are held for a moment, so that all reactions to a
 * message are told together. What is held has its place in the order: nothing that comes after it in the log goes before it.
 */
export interface Early {
  /** How many entries wait. */
  readonly size: number
  message(message: Message): void
  /** Without what it is about it keeps its place, and the log has to be read. */
  change(change: Change, subjects: Subjects): void
  /** A change as the log was read, in its order. */
  read(entry: LogEntry): void
  /** What is held is told with the next that is taken. */
  press(): void
  /** The next that can be told to those who stand at `position`, taken out. Empty: there is nothing, or something is missing. */
  take(position: Position): LogEntry[]
  /** True when something is missing that the log has. */
  isBehind(position: Position): boolean
  /** These entries are told: what is like them waits from now on. */
  told(entry: LogEntry): void
  /** Something is held. */
  readonly isHolding: boolean
  /** Milliseconds for which an entry with this fold key waits. */
  waitMs(key: string | null): number
  /** What was told otherwise is waited for no more. */
  forget(position: Position): void
  clear(): void
}

interface Waiting {
  /** How many messages come before it. */
  readonly seq: number
  /** null: only the log can tell it. */
  readonly entry: LogEntry | null
}

export const messageEntry = (position: Position, message: Message): LogEntry => ({
  log: 'messages',
  at: { ...position, seq: message.seq },
  event: messageEvent(message),
  loses: null,
  folds: null,
})

/** Without its place: that is where it is told. */
const changeEntry = (change: Change, subjects: Subjects): LogEntry => ({
  log: 'changes',
  at: { seq: change.seq, rev: change.rev },
  event: changeEvent(change, subjects),
  loses: losesAccess(change),
  folds: foldKey(change),
})

/** `onDue`: what was held may be told now. */
export function createEarly(clock: () => number, onDue: () => void): Early {
  const messages = new Map<number, Message>()
  const changes = new Map<number, Waiting>()
  const folding = createFolding(clock)
  /** Places of changes that only the log can tell. */
  const bodiless = new Set<number>()
  /** Of the changes that wait: the last one's place, and how many messages come before them. */
  let highest: Position = { seq: 0, rev: 0 }
  let holding: NodeJS.Timeout | undefined
  /** Places of changes that wait for nobody: what is held goes before them, at once. */
  const pressing = new Set<number>()

  /** The change at this place, if all is there that it takes to tell it. */
  function ready(position: Position, rev: number): LogEntry | null {
    const found = changes.get(rev)
    return found?.entry && found.seq <= position.seq ? { ...found.entry, at: { ...position, rev } } : null
  }

  /** The entries from here on that are told as one with others. */
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

    // What comes before it in the log has been told.
    read: (entry) => add(entry.at.rev, 0, entry),

    press: () => void pressing.add(highest.rev),

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
      // What is held comes without a gap, and all of it can be told.
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
      messages.clear()
      for (const rev of changes.keys()) remove(rev)
    },
  }
}
