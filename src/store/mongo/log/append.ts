import { setTimeout as sleep } from 'node:timers/promises'
import {
  failedIndexes,
  isDatabaseError,
  isDuplicate,
  isFull,
  isLostRace,
  unavailable,
} from '../engine/failure.ts'
import type { UnlessHung } from '../engine/hang-guard.ts'
import type { Turn, Turns } from './turns.ts'

/**
 * Appends to a log of numbered documents, one log for each group, shared with other instances. There is no counter: the
 * writer that inserts the document at head + 1 owns the number, and one that comes second reads the head and tries
 * again. Documents that arrive together go in one ordered insert, so a log has no hole.
 */
export interface LogWriter<Draft, Doc> {
  /** Rejects with `unavailable` when `deadline` (performance.now()) has passed; the document may be written even so. */
  append(groupId: string, draft: Draft, deadline: number): Promise<Appended<Doc>>
  /** To be called when another writer's entry was seen, because its number is not worth trying. */
  saw(groupId: string, number: number): void
}

export interface Appended<Doc> {
  doc: Doc
  /** True when the document was there before this append. */
  repeat: boolean
}

interface Log<Draft, Doc, Head> {
  /** One ordered insert. */
  insert(docs: Doc[]): Promise<unknown>
  /** The documents with these drafts' ids that a majority has. */
  find(drafts: Draft[]): Promise<Doc[]>
  id(of: Draft | Doc): string
  /**
   * The log's end as a majority has it; or as the primary has it (`local`), when another writer has just taken a number
   * that the majority does not have yet. `local` is for that case alone: what only a primary has that was cut off would
   * be a hole later.
   */
  readHead(groupId: string, concern: 'local' | 'majority'): Promise<Head>
  /** True when the document may have been made from this very draft, and not from another one with the same id. */
  isOf(doc: Doc, draft: Draft): boolean
  /** Is told the documents that are in the log for good. */
  onWritten(groupId: string, docs: Doc[]): void
  /** Gives a draft the number after the head, and moves the head. */
  next(head: Head, draft: Draft): { doc: Doc; head: Head }
  /**
   * True while `saw` tells what others append. The head is then known from the last append and need not be read.
   */
  keepsHeads(): boolean
  turns: Pick<Turns, 'of'>
  /** Most documents in one insert. */
  maxBatch: number
  /** Ends an operation of this log that hangs, because all that waits behind it would wait for good. */
  unlessHung: UnlessHung
}

interface Item<Draft, Doc> {
  draft: Draft
  deadline: number
  /** Set when an insert that failed may have written the draft: `unsure` when the error does not say. */
  written?: 'yes' | 'unsure'
  resolve(appended: Appended<Doc>): void
  reject(error: unknown): void
}

/** The heads of so many groups are kept. */
const mostHeads = 10_000

export function createLogWriter<Draft, Doc, Head extends { number: number }>(
  log: Log<Draft, Doc, Head>,
): LogWriter<Draft, Doc> {
  /** The drafts that wait, of groups whose insert is under way. */
  const waiting = new Map<string, Item<Draft, Doc>[]>()
  const heads = new Map<string, Head>()

  async function drain(groupId: string, items: Item<Draft, Doc>[]): Promise<void> {
    while (items.length) {
      const turn = log.turns.of(groupId)
      await writeBatch(groupId, items.splice(0, log.maxBatch), turn, items)
      turn.end()
    }
    waiting.delete(groupId)
  }

  /**
   * Settles every item. After any error it reads which of the documents exist, whatever the error said. When it takes a
   * turn, the items that wait behind the batch go with it.
   */
  async function writeBatch(
    groupId: string,
    batch: Item<Draft, Doc>[],
    turn: Turn,
    behind: Item<Draft, Doc>[],
  ): Promise<void> {
    let left = batch
    let concern: 'local' | 'majority' = 'majority'
    for (let attempt = 0; ; attempt++) {
      await turn.ready()
      if (turn.isTaken) left.push(...behind.splice(0, log.maxBatch - left.length))
      left = dropLate(left)
      if (!left.length) return
      try {
        // After a failed attempt the head has just been read.
        const kept = attempt > 0 ? heads.get(groupId) : known(groupId)
        const head = kept ?? (await log.unlessHung(log.readHead(groupId, concern)))
        const docs = place(left, head, groupId)
        await insert(left, docs)
        log.onWritten(groupId, docs)
        left.forEach((item, i) => {
          item.resolve({ doc: docs[i] as Doc, repeat: false })
        })
        return
      } catch (error) {
        heads.delete(groupId)
        concern = isLostRace(error) ? 'local' : 'majority'
        const before = left.length
        left = await settle(groupId, left, error, concern)
        if (left.length < before) continue
        if (isDuplicate(error)) turn.collided()
        await sleep(pause(attempt, isDuplicate(error)))
      }
    }
  }

  async function insert(items: Item<Draft, Doc>[], docs: Doc[]): Promise<void> {
    try {
      await log.unlessHung(log.insert(docs))
    } catch (error) {
      const refused = isDuplicate(error) ? failedIndexes(error)[0] : undefined
      const reached = refused === undefined ? items : items.slice(0, refused)
      for (const item of reached) item.written = refused === undefined ? (item.written ?? 'unsure') : 'yes'
      throw error
    }
  }

  function place(items: Item<Draft, Doc>[], from: Head, groupId: string): Doc[] {
    let head = from
    const docs = items.map((item) => {
      const placed = log.next(head, item.draft)
      head = placed.head
      return placed.doc
    })
    // The head is kept as if the documents were written; any error drops it.
    keep(groupId, head)
    return docs
  }

  const known = (groupId: string): Head | undefined => (log.keepsHeads() ? heads.get(groupId) : undefined)

  function keep(groupId: string, head: Head): void {
    heads.delete(groupId)
    heads.set(groupId, head)
    if (heads.size > mostHeads) heads.delete(heads.keys().next().value as string)
  }

  /** Resolves the items whose documents exist, and returns the others. */
  async function settle(
    groupId: string,
    items: Item<Draft, Doc>[],
    error: unknown,
    concern: 'local' | 'majority',
  ): Promise<Item<Draft, Doc>[]> {
    if (!isDatabaseError(error)) return refuse(items, error)
    try {
      const drafts = items.map((item) => item.draft)
      const [docs, head] = await log.unlessHung(
        Promise.all([log.find(drafts), log.readHead(groupId, concern)]),
      )
      const found = new Map(docs.map((doc) => [log.id(doc), doc]))
      keep(groupId, head)
      if (docs.length) log.onWritten(groupId, docs)
      const left = items.filter((item) => {
        const doc = found.get(log.id(item.draft))
        if (doc) item.resolve({ doc, repeat: !isOwn(item, doc) })
        return !doc
      })
      return isFull(error) ? refuse(left, error) : left
    } catch (reason) {
      return isDatabaseError(reason) ? items : refuse(items, reason)
    }
  }

  const isOwn = ({ written, draft }: Item<Draft, Doc>, doc: Doc): boolean =>
    written === 'yes' || (written === 'unsure' && log.isOf(doc, draft))

  return {
    append(groupId, draft, deadline) {
      return new Promise((resolve, reject) => {
        const item = { draft, deadline, resolve, reject }
        const queue = waiting.get(groupId)
        queue?.push(item)
        if (queue) return
        const items = [item]
        waiting.set(groupId, items)
        // All that is sent in this turn of the event loop goes together.
        setImmediate(() => void drain(groupId, items))
      })
    },

    saw(groupId, number) {
      const head = heads.get(groupId)
      if (head && head.number < number) heads.delete(groupId)
    },
  }
}

function refuse<Draft, Doc>(items: Item<Draft, Doc>[], error: unknown): [] {
  for (const item of items) item.reject(error)
  return []
}

function dropLate<Draft, Doc>(items: Item<Draft, Doc>[]): Item<Draft, Doc>[] {
  const now = performance.now()
  refuse(
    items.filter((item) => item.deadline <= now),
    unavailable(),
  )
  return items.filter((item) => item.deadline > now)
}

/**
 * Milliseconds to wait before the next attempt. They are random, so that writers that met on a number do not meet again. A
 * database that fails is left alone a little longer.
 */
const pause = (attempt: number, duplicate: boolean): number =>
  Math.random() * (duplicate ? Math.min(2 ** attempt, 50) : Math.min(50 * 2 ** attempt, 500))
