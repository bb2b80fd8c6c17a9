import type { DatabaseSync } from 'node:sqlite'
import { requireMay } from '../../domain/access.ts'
import type { Caller } from '../../domain/caller.ts'
import type { GroupMarks } from '../../domain/group-list.ts'
import {
  type Chosen,
  type Notify,
  type PreferenceChanges,
  type Preferences,
  preferencesIn,
} from '../../domain/preference.ts'
import type { PreferenceStore } from '../preferences.ts'
import { columns, firstText, flag, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'
import type { MemberReads } from './member-reads.ts'

export const preference = columns<Chosen & { userId: string; groupId: string }>({
  userId: 'user_id',
  groupId: 'group_id',
  notify: 'notify',
  pinned: ['pinned', flag],
  hidden: ['hidden', flag],
})

/** Reads the groups that a user has pinned or hidden. */
export function createMarksRead(db: DatabaseSync): (userId: string) => GroupMarks {
  const marked = query(
    db,
    'SELECT group_id, pinned, hidden FROM preferences WHERE user_id = ? AND (pinned = 1 OR hidden = 1)',
    (row: [groupId: string, pinned: 0 | 1, hidden: 0 | 1]) => row,
  )
  return (userId) => {
    const rows = marked.all(userId)
    return {
      pinned: new Set(rows.flatMap(([groupId, pinned]) => (pinned ? [groupId] : []))),
      hidden: new Set(rows.flatMap(([groupId, , hidden]) => (hidden ? [groupId] : []))),
    }
  }
}

/** Shows a direct chat again to those who had hidden it, and returns these. Only inside a transaction. */
export type ShowChat = (groupId: string) => readonly string[]

export function createShowChat(db: DatabaseSync): ShowChat {
  const show = query(
    db,
    `UPDATE preferences SET hidden = 0
     WHERE group_id = ?1 AND hidden = 1 AND EXISTS (SELECT 1 FROM groups WHERE id = ?1) RETURNING user_id`,
    firstText,
  )
  return (groupId) => show.all(groupId)
}

interface WriteDeps {
  memberReads: MemberReads
  showChat: ShowChat
}

export function createPreferenceWrites(db: DatabaseSync, { memberReads, showChat }: WriteDeps) {
  const sql = {
    one: query(
      db,
      `SELECT ${preference.list} FROM preferences WHERE user_id = ? AND group_id = ?`,
      preference.of,
    ),
    replace: db.prepare(`INSERT OR REPLACE INTO preferences ${preference.insert}`),
  }
  return {
    'preferences.change'(groupId: string, changes: PreferenceChanges, by: Caller, at: number): Preferences {
      const membership = memberReads.membership(groupId, by.userId)
      requireMay('prefer', membership, by, at)
      const before = sql.one.get(by.userId, groupId) ?? { notify: null, pinned: false, hidden: false }
      const after = { ...before, ...changes, userId: by.userId, groupId }
      sql.replace.run(...preference.values(after))
      const { userId: _, groupId: __, ...chosen } = after
      return preferencesIn(membership.group.kind, chosen)
    },

    'preferences.show': (groupId: string): readonly string[] => showChat(groupId),
  }
}

interface StoreDeps {
  db: DatabaseSync
  database: Database<ReturnType<typeof createPreferenceWrites>>
}

export function createPreferenceStore({ db, database: { read, write } }: StoreDeps): PreferenceStore {
  const ofUser = query(
    db,
    `SELECT ${preference.list} FROM preferences
     WHERE user_id = ? AND group_id IN (SELECT value FROM json_each(?))
     AND EXISTS (SELECT 1 FROM groups WHERE id = group_id)`,
    preference.of,
  )
  const notifyIn = query(
    db,
    'SELECT user_id, notify FROM preferences WHERE group_id = ? AND notify IS NOT NULL',
    (row: [userId: string, notify: Notify]) => row,
  )
  return {
    async change(groupId, changes, by, at) {
      return { value: await write('preferences.change', groupId, changes, by, at), changes: [] }
    },
    show: (groupId) => write('preferences.show', groupId),
    notifyIn: async (groupId) => new Map(read(() => notifyIn.all(groupId))),
    ofUser: async (userId, groupIds) => {
      const found = read(() => ofUser.all(userId, JSON.stringify(groupIds)))
      return new Map(
        found.map(({ groupId, notify, pinned, hidden }) => [groupId, { notify, pinned, hidden }]),
      )
    },
  }
}
