import { ObjectId } from 'mongodb'
import { isActive } from '../../domain/ban.ts'
import type { Group } from '../../domain/group.ts'
import type { Membership } from '../../domain/member.ts'
import type { MemberDoc } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import type { Concern } from './log/heads.ts'
import { mutedUntil, recordId, toMember } from './member-records.ts'
import type { BanDoc } from './own-documents.ts'

/** What is kept of some users of a group, apart from its list. */
export interface People {
  /** By user; who was never more than listed has none. */
  readonly records: ReadonlyMap<string, MemberDoc>
  /** By user, the bans that were not taken back, also those that are over by now. */
  readonly bans: ReadonlyMap<string, BanDoc['ban']>
}

type Collections = Pick<Connection, 'members' | 'bans'>

export async function readPeople(
  connection: Collections,
  groupId: string,
  userIds: readonly string[],
  options: Partial<Concern> = {},
): Promise<People> {
  if (!userIds.length) return { records: new Map(), bans: new Map() }
  const [records, bans] = await Promise.all([
    readRecords(connection, groupId, userIds, options),
    readBans(connection, groupId, userIds, options),
  ])
  return { records, bans }
}

export async function readRecords(
  { members }: Pick<Connection, 'members'>,
  groupId: string,
  userIds: readonly string[],
  options: Partial<Concern> = {},
): Promise<Map<string, MemberDoc>> {
  const docs = await members
    .find(byUser(groupId, userIds), { ...options, batchSize: userIds.length + 1 })
    .toArray()
  return new Map(docs.map((doc) => [doc.user_id, doc]))
}

/** Of more users than so many, all bans of the group are read, which are fewer. */
const mostLookUps = 1_000

export async function readBans(
  { bans }: Pick<Connection, 'bans'>,
  groupId: string,
  userIds: readonly string[],
  options: Partial<Concern> = {},
): Promise<Map<string, BanDoc['ban']>> {
  const filter =
    userIds.length > mostLookUps
      ? { group_id: groupId, 'ban.is_over': false }
      : { ...byUser(groupId, userIds), 'ban.is_over': false }
  const docs = await bans.find(filter, options).toArray()
  return new Map(docs.map((doc) => [doc.user_id, doc.ban]))
}

/** The groups that the user is banned from at this time. A list that was written by hand may have the user all the same. */
export async function readBannedGroups(
  { bans }: Pick<Connection, 'bans'>,
  userId: string,
  at: number,
  options: Partial<Concern> = {},
): Promise<ObjectId[]> {
  const docs = await bans.find({ user_id: userId, 'ban.is_over': false }, options).toArray()
  const active = docs.filter(({ ban: { until } }) => isActive({ until: until?.getTime() ?? null }, at))
  return active.map(({ group_id }) => new ObjectId(group_id))
}

const byUser = (groupId: string, userIds: readonly string[]) => ({
  _id: { $in: userIds.map((userId) => recordId(groupId, userId)) },
})

export const bannedUntil = (
  bans: People['bans'],
  userIds: Iterable<string>,
): ReadonlyMap<string, number | null> =>
  new Map(
    [...userIds].flatMap((userId) => {
      const ban = bans.get(userId)
      return ban ? [[userId, ban.until?.getTime() ?? null]] : []
    }),
  )

/** `isListed`: whether the group's list has the user, which alone makes a member. */
export function membershipOf(
  group: Group,
  userId: string,
  isListed: boolean,
  { records, bans }: People,
): Membership {
  const record = records.get(userId)
  const ban = bans.get(userId)
  return {
    group,
    member: isListed ? toMember(group, userId, record) : null,
    mutedUntil: mutedUntil(record),
    ban: ban ? { until: ban.until?.getTime() ?? null } : null,
  }
}
