import { foldEvents } from '../domain/changes.ts'
import type { DurableEvent } from '../domain/events.ts'
import { limits } from '../domain/limits.ts'
import type { LogEntry } from './log.ts'

/** Limits how often entries with the same fold key are told. Those that come meanwhile are told as one. */
export interface Folding {
  /** Milliseconds until an entry with this fold key may be told; 0 when it may be told now. */
  waitMs(key: string | null): number
  /** To be called when an entry with this fold key is told. */
  told(key: string): void
}

/** `clock` counts milliseconds and never goes back. */
export function createFolding(clock: () => number): Folding {
  /** When each fold key was told last, the one told longest ago first. */
  const toldAt = new Map<string, number>()
  return {
    waitMs(key) {
      const since = key === null ? undefined : toldAt.get(key)
      return since === undefined ? 0 : Math.max(0, since + limits.reactionsEveryMs - clock())
    },

    told(key) {
      const at = clock()
      for (const [old, since] of toldAt) {
        if (at - since < limits.reactionsEveryMs) break
        toldAt.delete(old)
      }
      toldAt.delete(key)
      toldAt.set(key, at)
    },
  }
}

/** The same entries. One that is told by a later one of them has no event of its own any more. */
export function foldEntries(entries: readonly LogEntry[]): LogEntry[] {
  const told = new Map<string, DurableEvent[]>()
  for (const { folds, event } of entries) {
    if (folds === null || !event) continue
    const events = told.get(folds) ?? []
    told.set(folds, events)
    events.push(event)
  }
  return entries.map((entry) => {
    const events = told.get(entry.folds ?? '')
    if (!events || !entry.event || events.length === 1) return entry
    const isLast = events.at(-1) === entry.event
    return { ...entry, event: isLast ? foldEvents(events, entry.event) : null }
  })
}
