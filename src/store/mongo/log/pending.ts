import {
  type AnyBulkWriteOperation,
  type Collection,
  type Document,
  type Filter,
  type InferIdType,
  type MatchKeysAndValues,
  ObjectId,
  type UpdateFilter,
  type WithId,
} from 'mongodb'
import type { Change } from '../../../domain/change.ts'
import { isDuplicate, isOnlyDuplicates, unavailable } from '../engine/failure.ts'
import { createKeyedLock } from '../engine/keyed-lock.ts'
import type { AuditDoc } from '../own-documents.ts'
import type { ChangeDraft, ChangeLog } from './changes.ts'

/**
 * A write that is logged is two writes here: first the state, whose document is marked with what is not logged yet, then the
 * log's entries. After them the mark is removed. The entries' ids are derived from the mark, so whoever finds a mark can log
 * it, and it is logged once. A document has one mark at a time, so writes to it come one after the other.
 *
 * Each noun registers the collection that has its state.
 */
export interface Pending {
  register<Doc extends Document>(noun: MarkedNoun<Doc>): MarkedWrites<Doc>
  /**
   * Logs the marks of writers that crashed, or lost the database, between the two writes. To be called now and then. A
   * mark's age is counted from when this process saw it first, so no two clocks are compared.
   */
  sweep(): Promise<void>
}

/** How a noun's documents bear their marks. */
export interface MarkedNoun<Doc extends Document> {
  readonly collection: Collection<Doc>
  /** Finds the documents that bear a mark; an index has them. */
  readonly marked: Filter<Doc>
  /** The fields that are read of a document, where it may be large. `markOf` and `onLogged` are given no others. */
  readonly projection?: Document
  /** null when the document bears no mark. */
  markOf(doc: WithId<Doc>): Mark<Doc> | null
  /** What the document is to keep of the entries, written as the mark is removed. */
  keep?(changes: readonly Change[]): { $max: MatchKeysAndValues<Doc> }
  /** Nothing is left of the document once its change is logged: it goes with its mark. */
  isGone?(doc: WithId<Doc>): boolean
  /** Is called when the entries are durable, and before the marks go. */
  onLogged?(logged: readonly Logged<Doc>[]): Promise<void>
}

export interface Mark<Doc extends Document> {
  /** Different for each mark of the collection. */
  readonly key: string
  readonly groupId: string
  /** The entries to log, in this order, with ids that are derived from the mark. */
  readonly drafts: readonly ChangeDraft[]
  /** What the write is for the audit, with ids that are derived from the mark as well. */
  readonly deeds?: readonly AuditDoc[]
  /** Matches the document while it bears this mark. */
  readonly filter: Filter<Doc>
  /** The fields that make the mark. */
  readonly fields: readonly (keyof Doc & string)[]
}

export interface MarkedWrites<Doc extends Document> {
  /** Writes several documents in a few commands. Throws what the step throws, and unavailable; then some may be written. */
  writeMany(ids: readonly InferIdType<Doc>[], deadline: number, step: ManyStep<Doc>): Promise<Logged<Doc>[]>
  /** Writes with the same key are done one after the other. Throws what the step throws, and unavailable. */
  write(key: string, deadline: number, step: Step<Doc>): Promise<Logged<Doc>>
  /** Logs what the document is marked with, and removes the mark. */
  log(doc: WithId<Doc>, deadline: number): Promise<Logged<Doc>>
}

export interface Step<Doc extends Document> {
  /** The document as it is now. It is asked for again when somebody else was faster. */
  read(): Promise<WithId<Doc>>
  /** What is to be written to this document, with the mark; null when nothing has to change. */
  next(doc: WithId<Doc>): Promise<Write<Doc> | null>
}

export interface ManyStep<Doc extends Document> {
  /** These documents as they are now. A document is asked for again when somebody else was faster with it. */
  read(ids: readonly InferIdType<Doc>[]): Promise<WithId<Doc>[]>
  /** What is to be written to this document, with the mark; null when it stays as it is. */
  next(doc: WithId<Doc>): Write<Doc> | null
}

interface Write<Doc> {
  /** Matches the document as it was read. */
  readonly filter: Filter<Doc>
  readonly set: Partial<Doc>
  /** What is written besides by other operators, such as a list that grows. */
  readonly also?: UpdateFilter<Doc>
  /** True when there is no document yet, so that it is made. */
  readonly isNew?: boolean
}

export interface Logged<Doc> {
  /** The document after the changes are durable. */
  readonly doc: WithId<Doc>
  readonly changes: readonly Change[]
}

/** The second write follows the first in milliseconds; one that is missing after this is missing for good. */
const markAgeMs = 5_000
/** A sweep looks at so many marks of one collection. */
const maxMarks = 1_000

interface Deps {
  changeLog: Pick<ChangeLog, 'append'>
  audit: { record(deeds: readonly AuditDoc[]): Promise<void> }
  /** Milliseconds that one sweep may take. */
  requestMs: number
}

/** Different for each mark, so that no two changes are taken for one. */
export const markId = (): string => new ObjectId().toHexString()

export function createPending({ changeLog, audit, requestMs }: Deps): Pending {
  const sweeps: ((isOld: (key: string) => boolean, deadline: number) => Promise<void>)[] = []
  let firstSeen = new Map<string, number>()

  function register<Doc extends Document>(noun: MarkedNoun<Doc>): MarkedWrites<Doc> {
    const { collection, projection } = noun
    const readAs = projection && { projection }
    const lock = createKeyedLock()

    const append = (mark: Mark<Doc>, deadline: number): Promise<Change[]> =>
      Promise.all(mark.drafts.map((draft) => changeLog.append(mark.groupId, draft, deadline)))

    const unmarking = (mark: Mark<Doc>, changes: readonly Change[]) =>
      ({
        $unset: Object.fromEntries(mark.fields.map((field) => [field, ''])),
        ...noun.keep?.(changes),
      }) as object as UpdateFilter<Doc>

    async function log(doc: WithId<Doc>, deadline: number): Promise<Logged<Doc>> {
      const mark = noun.markOf(doc)
      if (!mark) return { doc, changes: [] }
      const changes = await append(mark, deadline)
      await noun.onLogged?.([{ doc, changes }])
      await audit.record(mark.deeds ?? [])
      if (noun.isGone?.(doc)) {
        await collection.deleteOne(mark.filter)
        return { doc, changes }
      }
      const unmarked = await collection.findOneAndUpdate(mark.filter, unmarking(mark, changes), {
        returnDocument: 'after',
        ...readAs,
      })
      // Somebody else may have removed the mark, and have changed the document since.
      const now = unmarked ?? (await collection.findOne({ _id: doc._id } as Filter<Doc>, readAs))
      return { doc: now ?? doc, changes }
    }

    /** Resolves with the documents as they were given. */
    async function logMany(docs: readonly WithId<Doc>[], deadline: number): Promise<Logged<Doc>[]> {
      const logged = await Promise.all(
        docs.map(async (doc) => {
          const mark = noun.markOf(doc)
          return { doc, mark, changes: mark ? await append(mark, deadline) : [] }
        }),
      )
      if (!logged.length) return []
      await noun.onLogged?.(logged)
      await audit.record(logged.flatMap(({ mark }) => mark?.deeds ?? []))
      const unmarks = logged.flatMap(({ doc, mark, changes }): AnyBulkWriteOperation<Doc>[] => {
        if (!mark) return []
        const { filter } = mark
        if (noun.isGone?.(doc)) return [{ deleteOne: { filter } }]
        return [{ updateOne: { filter, update: unmarking(mark, changes) } }]
      })
      await collection.bulkWrite(unmarks, { ordered: false })
      return logged
    }

    async function writeMany(
      ids: readonly InferIdType<Doc>[],
      deadline: number,
      { read, next }: ManyStep<Doc>,
    ): Promise<Logged<Doc>[]> {
      const done: Logged<Doc>[] = []
      for (let left = ids; left.length; ) {
        const docs = await read(left)
        const marked = docs.filter((doc) => noun.markOf(doc))
        await logMany(marked, deadline)
        left = marked.map(({ _id }) => _id)
        const writes: { doc: WithId<Doc>; write: Write<Doc> }[] = []
        for (const doc of docs) {
          if (left.includes(doc._id)) continue
          const write = next(doc)
          if (write) writes.push({ doc, write })
          else done.push({ doc, changes: [] })
        }
        if (!writes.length) continue
        // The callers have already been answered; writing now could overwrite a later change of theirs.
        if (performance.now() > deadline) throw unavailable()
        const own = await writeEach(writes)
        done.push(...(await logMany(own, deadline)))
        const written = new Set(own.map(({ _id }) => _id))
        left = [...left, ...writes.map(({ doc }) => doc._id).filter((id) => !written.has(id))]
      }
      return done
    }

    /** Resolves to the documents that bear the marks written here; somebody else was faster with the others. */
    async function writeEach(writes: readonly { doc: WithId<Doc>; write: Write<Doc> }[]) {
      const operations = writes.map(({ doc: { _id }, write: { filter, set, isNew } }) =>
        isNew
          ? { insertOne: { document: { _id, ...set } } }
          : { updateOne: { filter, update: { $set: set } } },
      ) as object as AnyBulkWriteOperation<Doc>[]
      try {
        await collection.bulkWrite(operations, { ordered: false })
      } catch (error) {
        if (!isOnlyDuplicates(error)) throw error
      }
      const keyOf = (doc: WithId<Doc>) => noun.markOf(doc)?.key
      const keys = new Set(writes.map(({ doc, write }) => keyOf({ ...doc, ...write.set })))
      const ids = writes.map(({ doc }) => doc._id)
      const after = await collection.find({ _id: { $in: ids } } as Filter<Doc>).toArray()
      return after.filter((doc) => keyOf(doc) !== undefined && keys.has(keyOf(doc)))
    }

    /** Resolves to null when somebody else was faster. */
    async function write({ filter, set, also, isNew }: Write<Doc>): Promise<WithId<Doc> | null> {
      const options = { returnDocument: 'after', ...readAs, ...(isNew && { upsert: true }) } as const
      try {
        return await collection.findOneAndUpdate(filter, { ...also, $set: set }, options)
      } catch (error) {
        if (isNew && isDuplicate(error)) return null
        throw error
      }
    }

    async function attempt(deadline: number, { read, next }: Step<Doc>): Promise<Logged<Doc>> {
      for (;;) {
        const doc = await read()
        if (noun.markOf(doc)) {
          await log(doc, deadline)
          continue
        }
        const wanted = await next(doc)
        if (!wanted) return { doc, changes: [] }
        // The caller has already been answered; writing now could overwrite a later change of theirs.
        if (performance.now() > deadline) throw unavailable()
        const after = await write(wanted)
        if (after) return log(after, deadline)
      }
    }

    sweeps.push(async (isOld, deadline) => {
      const docs = await collection.find(noun.marked, readAs).limit(maxMarks).toArray()
      const left = docs.filter((doc) => {
        const mark = noun.markOf(doc)
        return mark && isOld(mark.key)
      })
      // One that can't be logged now must not keep the others.
      const logged = await Promise.allSettled(left.map((doc) => log(doc, deadline)))
      for (const outcome of logged) if (outcome.status === 'rejected') throw outcome.reason
    })

    return { write: (key, deadline, step) => lock.run(key, () => attempt(deadline, step)), writeMany, log }
  }

  return {
    register,

    async sweep() {
      const now = performance.now()
      const present = new Map<string, number>()
      const isOld = (key: string): boolean => {
        const since = firstSeen.get(key) ?? now
        present.set(key, since)
        return now - since >= markAgeMs
      }
      const swept = await Promise.allSettled(sweeps.map((sweep) => sweep(isOld, now + requestMs)))
      firstSeen = present
      for (const outcome of swept) if (outcome.status === 'rejected') throw outcome.reason
    },
  }
}
