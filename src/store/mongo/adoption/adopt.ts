import { setTimeout as sleep } from 'node:timers/promises'
import type { AnyBulkWriteOperation } from 'mongodb'
import { isId } from '../../../domain/text.ts'
import { createdAt, type MessageDoc } from '../documents.ts'
import type { Connection, StoreLog } from '../engine/connect.ts'
import { failedIndexes, isDuplicate, isLostRace } from '../engine/failure.ts'
import type { ChangeLog } from '../log/changes.ts'
import { type Concern, lastSeq, local, majority, raiseHead } from '../log/heads.ts'
import type { Turns } from '../log/turns.ts'
import type { Members } from '../members.ts'
import { deletedPlace } from '../read-documents.ts'
import { createRosters } from '../rosters.ts'
import { groupPages } from './group-pages.ts'

const batchSize = 500
/** So many numbers are given before the lease is checked again. */
const writesAtOnce = 100
/** One query looks into so many groups, and answers so many unnumbered messages of theirs at most. */
const groupsAtOnce = 1_000
const lookAtOnce = 200
const progressEveryMs = 5_000
/** A random pause of up to so many milliseconds keeps writers that met on a number from meeting again. */
const meetPauseMs = 50

/**
 * Gives numbers to messages that the older service wrote, or somebody by hand. One instance does it at a time. If two
 * do, or one dies in between, there is still no hole and no double: each number is one after a number that exists,
 * `slot` is unique, and a batch ends at the first message that it can't number.
 */
export interface Adopter {
  /** Looks at all groups. */
  sweep(): Promise<void>
  /** Resolves to true when a sweep would find messages to adopt. */
  isNeeded(): Promise<boolean>
  /** Gives numbers to one group's new messages. */
  adopt(groupId: string): Promise<void>
}

interface Deps {
  connection: Connection
  members: Members
  /** Is called when a message got its number. */
  onAdopted(doc: MessageDoc): void
  changeLog: ChangeLog
  turns: Pick<Turns, 'of'>
  now: () => number
  log: StoreLog
  /** Writing the log's entry may take so many milliseconds. */
  requestMs: number
  /** Throws when another instance has taken over. */
  requireLease(): void
}

/** Others numbered some of a batch too, or may have. `count` messages got their numbers here. */
interface Met {
  count: number
  readHead: Concern
}

export function createAdopter(deps: Deps): Adopter {
  const { connection, members, changeLog, turns, now, log, requestMs, requireLease } = deps
  const { groups, messages, meta } = connection
  const rosters = createRosters(connection)

  /** `onBatch` is told how many messages got their numbers. */
  async function adopt(groupId: string, onBatch: (count: number) => void): Promise<void> {
    const note = { _id: `adopting:${groupId}` }
    const begin = { $set: { group_id: groupId }, $inc: { n: 1 } }
    const options = { upsert: true, returnDocument: 'after' } as const
    const begun = await meta.findOneAndUpdate(note, begin, options)
    let deletes = begun?.n === 1 ? 0 : undefined
    let from: Date | undefined
    let concern = majority
    let turn = turns.of(groupId)
    try {
      for (;;) {
        await turn.ready()
        requireLease()
        const docs = await nextBatch(groupId, from)
        if (!docs.length && from === undefined) break
        const met = docs.length ? await number(groupId, docs, concern) : null
        if (met) {
          // The messages that are left are read again, before any that are younger.
          deletes = undefined
          concern = met.readHead
          if (!met.count) turn.collided()
          await sleep(Math.random() * meetPauseMs)
          continue
        }
        concern = majority
        turn.end()
        turn = turns.of(groupId)
        if (deletes !== undefined) deletes += docs.filter((doc) => doc.is_deleted).length
        from = docs.at(-1)?.created_at
        onBatch(docs.length)
      }
    } finally {
      turn.end()
    }
    // With another adopter our count is wrong, so all deleted messages are counted anew.
    const isAlone = (await meta.findOne(note))?.n === 1
    await logAdoption(groupId, isAlone ? deletes : undefined)
    await rosters.endTakeOn(groupId)
    await meta.deleteOne(note)
  }

  /**
   * The next messages in the order of (created_at, _id). They begin at a date, so that the batches of a large group
   * need not pass over those done before. The index has only the date, so all messages of the batch's last date are
   * read at once and sorted.
   */
  async function nextBatch(groupId: string, from: Date | undefined): Promise<MessageDoc[]> {
    const unnumbered = { group_id: groupId, seq: null, _id: { $type: 'objectId' } }
    const some = await messages
      .find({ ...unnumbered, ...(from && { created_at: { $gte: from } }) } as object)
      .sort({ created_at: 1 })
      .limit(batchSize)
      .toArray()
    const last = some.at(-1)?.created_at ?? null
    const ofLast =
      some.length < batchSize
        ? []
        : await messages.find({ ...unnumbered, created_at: last } as object).toArray()
    const known = new Set(some.map(idOf))
    const all = [...some, ...ofLast.filter((doc) => !known.has(idOf(doc)))]
    return all.sort((a, b) => timeOf(a) - timeOf(b) || (idOf(a) < idOf(b) ? -1 : 1))
  }

  /**
   * Resolves to null when all messages got their numbers. Else others may have numbered some, and the head is to be
   * read with the concern that is answered before the rest is tried again: see `readHead` in append.ts.
   */
  async function number(groupId: string, docs: MessageDoc[], concern: Concern): Promise<Met | null> {
    const head = await lastSeq(connection, groupId, concern)
    const updates = docs.map((doc, i): AnyBulkWriteOperation<MessageDoc> => {
      const { _id, ver = 1 } = doc
      const seq = head + i + 1
      // An update that matches nothing would not end the batch, and its number would stay a hole. The upsert inserts then:
      // where the message has a number already, the insert meets its id, and that ends the batch.
      const filter = { _id, seq: null } as object
      const place = { deleted_place: deletedPlace(groupId, seq) }
      const update = {
        $set: { seq, slot: `${groupId}:${seq}`, ver, ...(doc.is_deleted && place) },
        $setOnInsert: { ...removed(doc), ...(!doc.is_deleted && place) },
      }
      return { updateOne: { filter, update, upsert: true } }
    })
    let count = 0
    let met: Met | null = null
    try {
      while (count < docs.length) {
        requireLease()
        const some = updates.slice(count, count + writesAtOnce)
        const { upsertedCount } = await messages.bulkWrite(some, { ordered: true })
        count += some.length
        if (upsertedCount) met = { count, readHead: majority }
      }
    } catch (error) {
      count += failedIndexes(error)[0] ?? 0
      if (!isDuplicate(error)) throw error
      // Somebody sent a message meanwhile and has this number, or another adopter gave this message its number.
      met = { count, readHead: isLostRace(error) ? local : majority }
    } finally {
      docs.slice(0, count).forEach(deps.onAdopted)
      const last = docs[count - 1]
      const seq = head + count
      await raiseHead(connection, groupId, {
        seq,
        ...(last && { last: { seq, at: new Date(createdAt(last)) } }),
      })
    }
    return met
  }

  /**
   * The other instances hear of the adoption by this entry. Without a sure count of deleted messages they are counted anew.
   */
  async function logAdoption(groupId: string, deletes: number | undefined): Promise<void> {
    // What is not logged yet will change the count itself, so it is counted as it was before.
    const deleted = {
      group_id: groupId,
      seq: { $gt: 0 },
      $or: [{ is_deleted: true, unlogged: null }, { restores: true }],
    }
    const seq = await lastSeq(connection, groupId, majority)
    await changeLog.append(
      groupId,
      {
        _id: `${groupId}.adopted.${seq}`,
        type: 'adopted',
        deletes: deletes ?? { total: await messages.countDocuments(deleted as object) },
        at: new Date(now()),
      },
      performance.now() + requestMs,
    )
  }

  /**
   * Groups with messages to adopt, and those whose adoption was begun. One look into an index for each group is enough.
   * Messages are not counted, because that would read all that there is to adopt.
   */
  async function* unadopted(): AsyncIterable<string> {
    const begun = await meta.find({ _id: { $gte: 'adopting:', $lt: 'adopting;' } }).toArray()
    const told = new Set(begun.flatMap(({ group_id }) => group_id ?? []))
    yield* told
    for await (const page of groupPages(connection, groupsAtOnce)) {
      let rest = page.map((id) => id.toHexString())
      while (rest.length) {
        const docs = await messages
          .find({ group_id: { $in: rest }, seq: null, _id: { $type: 'objectId' } } as object)
          .hint({ group_id: 1, seq: 1 })
          .sort({ group_id: 1 })
          .limit(lookAtOnce)
          .project<{ group_id: string }>({ group_id: 1 })
          .toArray()
        for (const groupId of new Set(docs.map(({ group_id }) => group_id)))
          if (!told.has(groupId)) yield groupId
        // One group alone may fill the answer, so the groups after it are asked for again.
        const last = docs.length < lookAtOnce ? undefined : docs.at(-1)?.group_id
        rest = last === undefined ? [] : rest.filter((groupId) => groupId > last)
      }
    }
  }

  /** Takes on groups from before our time. Their members are no news, so nothing is told of them. */
  async function adoptGroups(): Promise<void> {
    const unknown = await groups
      .find({ ver: null, _id: { $type: 'objectId' } } as object, { projection: { _id: 1 } })
      .toArray()
    for (const doc of unknown) {
      requireLease()
      await members.settle(doc._id.toHexString(), [], performance.now() + requestMs)
    }
  }

  return {
    async sweep() {
      await adoptGroups()
      const found: string[] = []
      for await (const groupId of unadopted()) found.push(groupId)
      if (!found.length) return
      let adopted = 0
      let done = 0
      let toldAt = performance.now()
      log.info('adoption_started', { groups: found.length })
      for (const groupId of found) {
        await adopt(groupId, (count) => {
          adopted += count
          if (performance.now() - toldAt < progressEveryMs) return
          toldAt = performance.now()
          log.info('adoption_progress', { groups: found.length, done, adopted })
        })
        done++
      }
      log.info('adoption_finished', { groups: found.length, messages: adopted })
    },

    async isNeeded() {
      for await (const _ of unadopted()) return true
      return false
    },

    async adopt(groupId) {
      if (!isId(groupId)) return
      const first = await nextBatch(groupId, undefined)
      if (first.length) await adopt(groupId, () => undefined)
    },
  }
}

/** The document of a message that somebody removed by hand just before it got its number, because the number is used. */
const removed = ({ group_id, sender_id, created_at }: MessageDoc): Partial<MessageDoc> => ({
  group_id,
  sender_id,
  content: '',
  ...(created_at && { created_at }),
  is_deleted: true,
})

const idOf = (doc: MessageDoc): string => doc._id.toHexString()
/** A message without a date comes first, as it does in MongoDB. */
const timeOf = (doc: MessageDoc): number => (doc.created_at instanceof Date ? doc.created_at.getTime() : 0)
