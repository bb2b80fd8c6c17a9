import { type Filter, ObjectId, type WithId } from 'mongodb'
import { losesAccess } from '../../domain/changes.ts'
import { difference, distinct } from '../../domain/user-list.ts'
import type { GroupDoc, MarkEntry } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { unavailable } from './engine/failure.ts'
import { groupFields, listed, listedAmong, memberCount, membersOf } from './group-documents.ts'
import { type Mark, type MarkedWrites, markId, type Pending } from './log/pending.ts'
import { keepRecords } from './member-records.ts'
import type { ReadMarks } from './read-marks.ts'
import type { Rosters } from './rosters.ts'

/** A group's document without its lists. */
export type GroupLook = WithId<GroupDoc> & {
  /** Those of the users asked for whom the list has. */
  listed: ReadonlySet<string>
  member_count: number
  /** False for a group that was made by hand and has no list. */
  has_list: boolean
}

type Found = Omit<GroupLook, 'listed'> & {
  listed: (string | boolean)[]
  is_known: boolean
  is_edited: boolean
}

/** The marks on groups' documents, and what was written to these by hand. */
export interface GroupMarks {
  readonly marked: MarkedWrites<GroupDoc>
  /**
   * Logs what the group's document tells and the log does not, so that the records of its people are as it tells. Resolves to the
   * document after that, and to null when there is none.
   */
  settle(id: string, userIds: readonly string[], deadline: number): Promise<GroupLook | null>
  /** As `Members.logHandEdit`. */
  logHandEdit(id: string, isReplaced: boolean, deadline: number): Promise<void>
}

interface Deps {
  connection: Connection
  pending: Pending
  rosters: Rosters
  marks: Pick<ReadMarks, 'drop'>
  now: () => number
}

export function createGroupMarks({ connection, pending, rosters, marks, now }: Deps): GroupMarks {
  const { groups } = connection

  const marked = pending.register<GroupDoc>({
    collection: groups,
    projection: { authorized_user_ids: 0, logged_user_ids: 0 },
    marked: { unlogged: { $exists: true } },
    markOf,
    async onLogged(logged) {
      for (const { doc, changes } of logged) {
        const mark = markOf(doc)
        const groupId = doc._id.toHexString()
        // What the log says of a change may be less than the mark, if an instance of the version before was faster.
        const entries = (doc.unlogged?.entries ?? []).flatMap((entry, i) => {
          const change = changes[i]
          return change ? [{ ...entry, rev: change.rev, seq: change.seq, loggedAt: change.at }] : []
        })
        const of = (wanted: string) =>
          entries.flatMap(({ type, user_id }) => (type === wanted && user_id !== undefined ? [user_id] : []))
        const gone = changes.map(losesAccess).filter((userId) => userId !== null)
        const notIn = [...gone, ...of('member_added')]
        const moves = { added: of('member_added'), removed: of('member_removed') }
        const rev = entries.findLast(({ type }) => type === 'member_added' || type === 'member_removed')?.rev
        // All is kept before the mark is removed, because whoever finds no mark takes it for what was told.
        await Promise.all([
          keepRecords(connection, groupId, entries),
          // A guest who wrote has a mark, which says nothing of the member that they become.
          notIn.length && marks.drop(groupId, notIn, changes.at(-1)?.seq ?? 0),
          rev !== undefined && mark && rosters.follow(groupId, rev, moves, () => toldBy(mark)),
        ])
      }
    },
  })

  /** The members after the marked changes; null when the mark is gone, because then somebody else has kept them. */
  async function toldBy({ filter }: Mark<GroupDoc>): Promise<string[] | null> {
    const doc = await groups.findOne(filter, { projection: { logged_user_ids: 1 } })
    return doc && (doc.logged_user_ids ?? [])
  }

  /**
   * Marks hand edits as to be logged. Resolves to the marked document, or to null when somebody else was faster.
   */
  async function claim(doc: WithId<GroupDoc>): Promise<WithId<GroupDoc> | null> {
    const logged_user_ids = membersOf(doc)
    const id = doc._id.toHexString()
    const kept = await rosters.read(id)
    const told = kept?.userIds ?? doc.logged_user_ids
    // The group is seen for the first time. Members who came before our time are no news.
    if (!told) await rosters.takeOn(id, logged_user_ids, doc.number)
    const entries = told ? memberEntries(told, logged_user_ids) : []
    const $set = {
      logged_user_ids,
      ver: (doc.ver ?? 0) + 1,
      ...(!doc.created_at && { created_at: doc._id.getTimestamp() }),
      ...(doc.number === undefined && kept?.number !== undefined && { number: kept.number }),
      ...(entries.length && { unlogged: { id: markId(), at: new Date(now()), entries } }),
    }
    return groups.findOneAndUpdate(asSeen(doc), { $set }, { returnDocument: 'after' })
  }

  async function differs(doc: WithId<GroupDoc>): Promise<boolean> {
    const told = await rosters.read(doc._id.toHexString())
    return told !== undefined && memberEntries(told.userIds, membersOf(doc)).length > 0
  }

  /** The server compares the lists, which may be long. */
  async function look(id: string, userIds: readonly string[]) {
    const $project = {
      ...groupFields,
      ver: 1,
      unlogged: 1,
      listed: listed(userIds),
      member_count: memberCount,
      has_list: { $isArray: '$authorized_user_ids' },
      is_known: { $isArray: '$logged_user_ids' },
      is_edited: { $ne: ['$authorized_user_ids', '$logged_user_ids'] },
    }
    const [doc] = await groups
      .aggregate<Found>([{ $match: { _id: new ObjectId(id) } }, { $project }])
      .toArray()
    return doc && { ...doc, listed: listedAmong(userIds, doc.listed) }
  }

  return {
    marked,

    async settle(id, userIds, deadline) {
      for (;;) {
        const doc = await look(id, userIds)
        if (!doc) return null
        if (!doc.unlogged && doc.is_known && !doc.is_edited) return doc
        if (performance.now() > deadline) throw unavailable()
        if (doc.unlogged) {
          await marked.log(doc, deadline)
          continue
        }
        const whole = await groups.findOne({ _id: doc._id })
        if (!whole || whole.unlogged) continue
        // A list that holds what is no text is never the same as the one that was told, and nobody mends it.
        if (whole.logged_user_ids && isSame(whole.logged_user_ids, membersOf(whole))) return doc
        await claim(whole)
      }
    },

    async logHandEdit(id, isReplaced, deadline) {
      const seen = await look(id, [])
      if (!seen || (!isReplaced && (seen.unlogged || (seen.is_known && !seen.is_edited)))) return
      let doc = await groups.findOne({ _id: new ObjectId(id) })
      if (isReplaced && doc?.unlogged) {
        await marked.log(doc, deadline)
        doc = await groups.findOne({ _id: doc._id })
      }
      if (!doc || doc.unlogged) return
      if (isLogged(doc) && !(isReplaced && (await differs(doc)))) return
      const claimed = await claim(doc)
      if (claimed) await marked.log(claimed, deadline)
    },
  }
}

function markOf({ _id, ver = 0, unlogged }: WithId<GroupDoc>): Mark<GroupDoc> | null {
  if (!unlogged) return null
  const groupId = _id.toHexString()
  const key = `${groupId}.${unlogged.id ?? ver}`
  return {
    key,
    groupId,
    drafts: unlogged.entries.map(({ type, user_id, data, at = unlogged.at }, index) => ({
      _id: `${key}.${index}`,
      type,
      at,
      // A mark names the user in the way of the version before, because an instance of that version may log it.
      ...(user_id !== undefined && { user_id }),
      ...(data ? { data } : user_id !== undefined && { data: { user_id } }),
    })),
    deeds: unlogged.entries.flatMap(({ deed }, index) => (deed ? [{ _id: `${key}.${index}`, ...deed }] : [])),
    // The filter matches this mark and no later one: where documents are replaced, the same `ver` comes again.
    filter: unlogged.id === undefined ? { _id, ver } : ({ _id, 'unlogged.id': unlogged.id } as object),
    fields: ['unlogged'],
  }
}

/** Who came by hand, in the order of the new list, then who went, in that of the old one. */
function memberEntries(before: readonly string[], after: readonly string[]): MarkEntry[] {
  const { added, removed } = difference(distinct(before), distinct(after))
  return [
    ...added.map((user_id) => ({ type: 'member_added' as const, user_id })),
    ...removed.map((user_id) => ({ type: 'member_removed' as const, user_id, data: { user_id, by: null } })),
  ]
}

/** Matches the group while nobody, by our rules or by hand, has changed its members since this was read. */
export const asSeen = (doc: GroupDoc): Filter<GroupDoc> =>
  ({
    _id: doc._id,
    ver: doc.ver ?? null,
    authorized_user_ids: doc.authorized_user_ids ?? null,
  }) as Filter<GroupDoc>

/** True when the log tells the members as they are. */
export const isLogged = (doc: GroupDoc): boolean =>
  doc.logged_user_ids !== undefined &&
  (isSame(doc.logged_user_ids, membersOf(doc)) ||
    memberEntries(doc.logged_user_ids, membersOf(doc)).length === 0)

export const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, i) => item === b[i])
