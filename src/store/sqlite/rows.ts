import type { SQLOutputValue } from 'node:sqlite'
import type { Change } from '../../domain/change.ts'
import type { Group } from '../../domain/group.ts'
import type { Message } from '../../domain/message.ts'

/** Columns are selected under the names of the domain, so that a row is nearly what it stands for. */

export type Row = Record<string, SQLOutputValue>

export const groupColumns = `id, name, description, owner_id AS ownerId, created_at AS createdAt, updated_at AS updatedAt,
  (SELECT json_group_array(user_id ORDER BY position) FROM members WHERE group_id = groups.id) AS authorizedUserIds`

export const groupOf = (row: Row): Group =>
  ({ ...row, authorizedUserIds: JSON.parse(String(row.authorizedUserIds)) }) as unknown as Group

export const messageColumns = `id, group_id AS groupId, sender_id AS senderId, content, created_at AS createdAt,
  updated_at AS updatedAt, is_deleted AS isDeleted, seq, ver, client_id AS clientId`

export const messageOf = (row: Row): Message =>
  ({ ...row, isDeleted: row.isDeleted === 1 }) as unknown as Message

export const changeColumns = `group_id AS groupId, rev, type, seq, deleted, at, message_id AS messageId,
  message_seq AS messageSeq, ver, user_id AS userId`

/** What a change is not about is absent, not null. */
export const changeOf = (row: Row): Change =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as Change
