import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { Change, ChangeType, Head } from '../../domain/change.ts'
import type { Group, GroupSummary } from '../../domain/group.ts'
import { limits } from '../../domain/limits.ts'
import type { Message } from '../../domain/message.ts'

/** A prepared query whose rows are told as `T`. */
export interface Query<T> {
  all(...values: SQLInputValue[]): T[]
  get(...values: SQLInputValue[]): T | null
}

/** `Row` is the tuple of the selected columns: for pages this takes half the time of rows as objects. */
export function query<Row extends unknown[], T>(
  db: DatabaseSync,
  sql: string,
  of: (row: Row) => T,
): Query<T> {
  const statement = db.prepare(sql)
  statement.setReturnArrays(true)
  return {
    all: (...values) => (statement.all(...values) as unknown as Row[]).map((row) => of(row)),
    get(...values) {
      const row = statement.get(...values) as unknown as Row | undefined
      return row ? of(row) : null
    },
  }
}

export const groupColumns = `id, name, description, owner_id, created_at, updated_at,
  (SELECT json_group_array(user_id ORDER BY position) FROM members WHERE group_id = groups.id)`

/** The same with the first of the members only, and how many there are. */
export const summaryColumns = `id, name, description, owner_id, created_at, updated_at,
  (SELECT json_group_array(user_id) FROM
    (SELECT user_id FROM members WHERE group_id = groups.id ORDER BY position LIMIT ${limits.listedMembers})),
  member_count`

export function summaryOf(row: [...GroupRow, memberCount: number]): GroupSummary {
  const memberCount = row[7]
  return { ...groupOf(row.slice(0, 7) as GroupRow), memberCount }
}

type GroupRow = [
  id: string,
  name: string,
  description: string,
  ownerId: string | null,
  createdAt: number,
  updatedAt: number,
  members: string,
]

export function groupOf(row: GroupRow): Group {
  const [id, name, description, ownerId, createdAt, updatedAt, members] = row
  return { id, name, description, authorizedUserIds: JSON.parse(members), ownerId, createdAt, updatedAt }
}

export const messageColumns =
  'id, group_id, sender_id, content, created_at, updated_at, is_deleted, seq, ver, client_id'

type MessageRow = [
  id: string,
  groupId: string,
  senderId: string,
  content: string,
  createdAt: number,
  updatedAt: number,
  isDeleted: number,
  seq: number,
  ver: number,
  clientId: string | null,
]

export function messageOf(row: MessageRow): Message {
  const [id, groupId, senderId, content, createdAt, updatedAt, isDeleted, seq, ver, clientId] = row
  const state = isDeleted === 1
  return { id, groupId, senderId, content, createdAt, updatedAt, isDeleted: state, seq, ver, clientId }
}

export const changeColumns = 'group_id, rev, type, seq, deleted, at, message_id, message_seq, ver, user_id'

type ChangeRow = [
  groupId: string,
  rev: number,
  type: ChangeType,
  seq: number,
  deleted: number,
  at: number,
  messageId: string | null,
  messageSeq: number | null,
  ver: number | null,
  userId: string | null,
]

/** What a change is not about is absent, not null. */
export function changeOf(row: ChangeRow): Change {
  const [groupId, rev, type, seq, deleted, at, messageId, messageSeq, ver, userId] = row
  const change = { groupId, rev, type, seq, deleted, at }
  if (messageId !== null && messageSeq !== null && ver !== null)
    return { ...change, messageId, messageSeq, ver }
  return userId === null ? change : { ...change, userId }
}

/** Of columns seq, rev, deleted. */
export const headOf = ([seq, rev, deleted]: [number, number, number]): Head => ({ seq, rev, deleted })
