import type { AnyBulkWriteOperation } from 'mongodb'
import type { Group } from '../../domain/group.ts'
import { type Member, type Role, roleOf } from '../../domain/member.ts'
import type { MarkEntry, MemberDoc } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import type { BanDoc } from './own-documents.ts'

/** An entry of a group's mark that is in the log. */
export interface LoggedEntry extends MarkEntry {
  readonly rev: number
  /** The last message before it. */
  readonly seq: number
  /** When it was logged as happened. */
  readonly loggedAt: number
}

/** The id of what is kept of one user in one group. */
export const recordId = (groupId: string, userId: string): string => `${groupId}:${userId}`

/** `record` is the user's, if there is one. */
export const toMember = (
  group: Pick<Group, 'ownerIds' | 'createdAt'>,
  userId: string,
  record: MemberDoc | undefined,
): Member => ({
  userId,
  role: roleOf(group, userId, givenRole(record)),
  joinedAt: record?.joined.at.getTime() ?? group.createdAt,
  mutedUntil: mutedUntil(record),
})

/** A role ends with the membership in which it was given. */
const givenRole = (record: MemberDoc | undefined): Role | null =>
  record?.given && record.given.rev > record.joined.rev ? record.given.role : null

export const mutedUntil = (record: MemberDoc | undefined): number | null =>
  record?.muted?.until?.getTime() ?? null

/**
 * Keeps what the entries tell of people: since when they are members, as what, until when they are muted, and who is banned. To
 * do it again changes nothing, and neither does who comes late with it.
 */
export async function keepRecords(
  { members, bans }: Pick<Connection, 'members' | 'bans'>,
  groupId: string,
  entries: readonly LoggedEntry[],
): Promise<void> {
  const writes = entries.flatMap((entry) => memberWrites(groupId, entry))
  const banWrites = entries.flatMap((entry) => banWrite(groupId, entry))
  if (writes.length) await members.bulkWrite(writes)
  if (banWrites.length) await bans.bulkWrite(banWrites)
}

function memberWrites(groupId: string, entry: LoggedEntry): AnyBulkWriteOperation<MemberDoc>[] {
  const { type, rev, seq, loggedAt, user_id, data = {} } = entry
  if (typeof user_id !== 'string') return []
  const _id = recordId(groupId, user_id)
  const { role, joined_at, muted_until } = data as { role?: Role; joined_at?: number; muted_until?: number }
  const at = new Date(joined_at ?? loggedAt)
  if (type === 'member_added') {
    const update = { $max: { joined: { rev, at, seq } }, $setOnInsert: { group_id: groupId, user_id } }
    return [{ updateOne: { filter: { _id }, update, upsert: true } }]
  }
  if (type === 'member_removed') {
    // A mute goes on for one who comes again.
    const filter = { _id, 'joined.rev': { $lt: rev }, muted: { $exists: false } }
    return [{ deleteOne: { filter } }]
  }
  if (type !== 'member_updated' || role === undefined) return []
  const $max = {
    given: { rev, role },
    ...(muted_until != null && { muted: { rev, until: new Date(muted_until) } }),
  }
  const $setOnInsert = { group_id: groupId, user_id, joined: { rev: 0, at } }
  const update = { updateOne: { filter: { _id }, update: { $max, $setOnInsert }, upsert: true } }
  if (muted_until != null) return [update]
  // Who was never muted has no mute in their record.
  const muted = { _id, muted: { $exists: true } }
  return [update, { updateOne: { filter: muted, update: { $max: { muted: { rev, until: null } } } } }]
}

function banWrite(groupId: string, entry: LoggedEntry): AnyBulkWriteOperation<BanDoc>[] {
  const { type, rev, user_id, ban } = entry
  if (type !== 'member_banned' || user_id === undefined || !ban) return []
  const update = {
    // The order of the fields is that of their weight.
    $max: { ban: { rev, is_over: false, ...ban } },
    $setOnInsert: { group_id: groupId, user_id },
  }
  return [{ updateOne: { filter: { _id: recordId(groupId, user_id) }, update, upsert: true } }]
}
