import { type Filter, ObjectId, type WithId } from 'mongodb'
import { type Access, accessOf } from '../../domain/access.ts'
import { difference, distinct } from '../../domain/user-list.ts'
import { type GroupDoc, membersOf, toGroup } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { unavailable } from './engine/failure.ts'
import { type Mark, type MarkedWrites, markId, type Pending } from './log/pending.ts'
import type { Rosters } from './rosters.ts'

/** Most groups whose access is remembered. */
const maxCached = 10_000
/** Milliseconds for which a group is believed to be as it was read, beyond the last word of its stream. */
const trustMs = 1_000

/** Who is a member: as `authorized_user_ids` says, which operators edit by hand. */
export interface Members {
  /** The group as it is. */
  read(id: string): Promise<GroupDoc | null>
  /** For checks of writes: a second old at most, and never a refusal from memory. */
  check(id: string, rule: (access: Access | null) => void): Promise<void>
  /**
   * The group's document was changed: what is remembered of it is not true any more. All groups, without an
   * id.
   */
  forget(id?: string): void
  /**
   * Logs a hand edit of the group, unless somebody else does. What a mark names is left to who made it, or the sweep. Where the
   * document was replaced, its own word on what was told counts for nothing, and its mark may be an old one.
   */
  logHandEdit(id: string, isReplaced: boolean, deadline: number): Promise<void>
  /** Logs what the group's document tells and the log does not. Resolves to the document after that. */
  settle(id: string, deadline: number): Promise<GroupDoc | null>
  /** The marks on groups' documents. */
  readonly marked: MarkedWrites<GroupDoc>
}

interface Deps {
  connection: Connection
  pending: Pending
  rosters: Rosters
  now: () => number
  /** When the stream of groups last proved that it missed nothing, by performance.now(). */
  provedAt: () => number
  /** A hand edit was seen by the way. */
  onUnlogged(id: string): void
}

export function createMembers(deps: Deps): Members {
  const { connection, pending, rosters, now, provedAt, onUnlogged } = deps
  const { groups, causal } = connection
  const marked = pending.register<GroupDoc>({
    collection: groups,
    marked: { unlogged: { $exists: true } },
    markOf,
    async onLogged({ _id, logged_user_ids = [] }, changes) {
      const { rev } = changes.findLast(({ data }) => data.user_id !== undefined) ?? {}
      // Before the mark goes: who finds none takes this list for what was told.
      if (rev) await rosters.keep(_id.toHexString(), rev, logged_user_ids)
    },
  })
  const cache = new Map<string, { access: Promise<Access | null>; isRead: boolean }>()

  async function read(id: string): Promise<GroupDoc | null> {
    const doc = await causal.read((options) => groups.findOne({ _id: new ObjectId(id) }, options))
    if (doc && !doc.unlogged && !isLogged(doc)) onUnlogged(id)
    return doc
  }

  function remember(id: string): Promise<Access | null> {
    // The list of members is gone through once, not for each send.
    const access = read(id).then((doc) => doc && accessOf(toGroup(doc)))
    const entry = { access, isRead: false }
    cache.delete(id)
    cache.set(id, entry)
    if (cache.size > maxCached) cache.delete(cache.keys().next().value as string)
    const drop = () => {
      if (cache.get(id) === entry) cache.delete(id)
    }
    access.then((found) => {
      entry.isRead = true
      if (!found) drop()
    }, drop)
    return access
  }

  /**
   * Marks hand edits as to be logged. Resolves to the marked document, or to null when somebody else was
   * faster.
   */
  async function claim(doc: GroupDoc): Promise<GroupDoc | null> {
    const logged_user_ids = membersOf(doc)
    const id = doc._id.toHexString()
    const told = (await rosters.read(id)) ?? doc.logged_user_ids
    // Seen for the first time: what came before our time is no news.
    if (!told) await rosters.begin(id, logged_user_ids)
    const entries = told ? memberEntries(told, logged_user_ids) : []
    const $set = {
      logged_user_ids,
      ver: (doc.ver ?? 0) + 1,
      ...(!doc.created_at && { created_at: doc._id.getTimestamp() }),
      ...(entries.length && { unlogged: { id: markId(), at: new Date(now()), entries } }),
    }
    return groups.findOneAndUpdate(asSeen(doc), { $set }, { returnDocument: 'after' })
  }

  async function differs(doc: GroupDoc): Promise<boolean> {
    const told = await rosters.read(doc._id.toHexString())
    return told !== undefined && memberEntries(told, membersOf(doc)).length > 0
  }

  return {
    read,
    marked,

    async check(id, rule) {
      const known = cache.get(id)
      if (known && (!known.isRead || performance.now() - provedAt() <= trustMs)) {
        const access = await known.access
        try {
          return rule(access)
        } catch {
          // It may have been allowed a moment ago: the database has the last word.
        }
      }
      rule(await remember(id))
    },

    forget(id) {
      if (id === undefined) cache.clear()
      else cache.delete(id)
    },

    async settle(id, deadline) {
      for (;;) {
        const doc = await groups.findOne({ _id: new ObjectId(id) })
        if (!doc || (!doc.unlogged && isLogged(doc))) return doc
        if (performance.now() > deadline) throw unavailable()
        if (doc.unlogged) await marked.log(doc, deadline)
        else await claim(doc)
      }
    },

    async logHandEdit(id, isReplaced, deadline) {
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
    drafts: unlogged.entries.map(({ type, user_id }, index) => ({
      _id: `${key}.${index}`,
      type,
      at: unlogged.at,
      // A mark names the user as the version before does, which may log it.
      ...(user_id !== undefined && { user_id, data: { user_id } }),
    })),
    // This mark and no later one: where documents are replaced, the same version comes again.
    filter: unlogged.id === undefined ? { _id, ver } : ({ _id, 'unlogged.id': unlogged.id } as object),
    fields: ['unlogged'],
  }
}

/** Who came, in the order of the new list, then who went, in that of the old one. */
export function memberEntries(before: readonly string[], after: readonly string[]) {
  const { added, removed } = difference(distinct(before), distinct(after))
  return [
    ...added.map((user_id) => ({ type: 'member_added' as const, user_id })),
    ...removed.map((user_id) => ({ type: 'member_removed' as const, user_id })),
  ]
}

/** Matches the group while nobody, by our rules or by hand, has changed its members since this was read. */
export const asSeen = (doc: GroupDoc): Filter<GroupDoc> =>
  ({
    _id: doc._id,
    ver: doc.ver ?? null,
    authorized_user_ids: doc.authorized_user_ids ?? null,
  }) as Filter<GroupDoc>

/** The log tells the members as they are. */
export const isLogged = (doc: GroupDoc): boolean =>
  doc.logged_user_ids !== undefined &&
  (isSame(doc.logged_user_ids, membersOf(doc)) ||
    memberEntries(doc.logged_user_ids, membersOf(doc)).length === 0)

export const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, i) => item === b[i])
