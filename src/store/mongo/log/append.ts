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
 * Appends to a log of numbered documents, one log for each group, shared with other instances. There is no
 * counter: whoever inserts the document at head + 1 owns the number, and who comes second reads the head and
 * tries again. What arrives together is one ordered insert, so a log has no hole.
 */
export interface LogWriter<Draft, Doc> {
  /** Rejects with `unavailable` when `deadline` (performance.now()) has passed; it may be written even so. */
  append(groupId: string, draft: Draft, deadline: number): Promise<Appended<Doc>>
  /** Another writer's entry was seen: a number not worth trying. */
  saw(groupId: string, number: number): void
}

export interface Appended<Doc> {
  doc: Doc
  /** The document was there before this append. */
  repeat: boolean
}

interface Log<Draft, Doc, Head> {
  /** One ordered insert. */
  insert(docs: Doc[]): Promise<unknown>
  /** Those with these drafts' ids that a majority has. */
  find(drafts: Draft[]): Promise<Doc[]>
  id(of: Draft | Doc): string
  /**
   * The log's end as a majority has it; or as the primary has it (`local`), where another has just taken a number that the
   * majority does not have yet. Else never: what only a primary has that was cut off would be a hole later.
   */
  readHead(groupId: string, concern: 'local' | 'majority'): Promise<Head>
  /** The document may have been made of this very draft, and not of another one with the same id. */
  isOf(doc: Doc, draft: Draft): boolean
  /** These are in the log for good. */
  onWritten(groupId: string, docs: Doc[]): void
  /** Gives a draft the number after the head, and moves the head. */
  next(head: Head, draft: Draft): { doc: Doc; head: Head }
  /**
   * Whether the head is known from the last append, so that it need not be read first: as long as `saw` tells what others
   * append.
   */
  keepsHeads(): boolean
  turns: Pick<Turns, 'of'>
  /** Most documents in one insert. */
  maxBatch: number
  /** What waits for an operation of this log that hangs would wait for good. */
  unlessHung: UnlessHung
}

interface Item<Draft, Doc> {
  draft: Draft
  deadline: number
  /** Whether it was written by an insert that failed: `unsure` when the error does not say. */
  written?: 'yes' | 'unsure'
  resolve(appended: Appended<Doc>): void
  reject(error: unknown): void
}

/** Most groups whose heads are kept. */
const mostHeads = 10_000

export function createLogWriter<Draft, Doc, Head extends { number: number }>(
  log: Log<Draft, Doc, Head>,
): LogWriter<Draft, Doc> {
  /** What waits, of groups whose insert is on its way. */
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
   * Settles every item. After any error it reads which of the documents exist, whatever the error said. When it has to take a
   * turn, it takes along what waits behind the batch.
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
        // What settled the last attempt has just read the head.
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
    // Kept as if it were written; any error drops it.
    keep(groupId, head)
    return docs
  }

  const known = (groupId: string): Head | undefined => (log.keepsHeads() ? heads.get(groupId) : undefined)

  function keep(groupId: string, head: Head): void {
    heads.delete(groupId)
    heads.set(groupId, head)
    if (heads.size > mostHeads) heads.delete(heads.keys().next().value as string)
  }

  /** Resolves those that exist; the others are left. */
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
        // What is sent in this turn goes together.
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
 * Milliseconds. Writers that meet on a number part by chance; an ailing database is left alone a little
 * longer.
 */
const pause = (attempt: number, duplicate: boolean): number =>
  Math.random() * (duplicate ? Math.min(2 ** attempt, 50) : Math.min(50 * 2 ** attempt, 500))
