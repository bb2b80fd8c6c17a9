import { ObjectId } from 'mongodb'
import type { Group, GroupSummary, GroupWithMembers } from '../../domain/group.ts'
import { limits } from '../../domain/limits.ts'
import { type Metadata, noMetadata } from '../../domain/metadata.ts'
import { distinct } from '../../domain/user-list.ts'
import { createdAt, type GroupDoc, text, updatedAt } from './documents.ts'

/** What a projection has to name for `toGroup`. */
export const groupFields = {
  name: 1,
  description: 1,
  owner_id: 1,
  owner_ids: 1,
  number: 1,
  kind: 1,
  visibility: 1,
  post_policy: 1,
  metadata: 1,
  avatar_url: 1,
  retention_days: 1,
  created_at: 1,
  updated_at: 1,
} as const

/** A list of members that was written by hand may hold values that are no text, or be no list. */
const listIn = (field: '$authorized_user_ids' | '$logged_user_ids') => ({
  $cond: [{ $isArray: field }, field, []],
})
const list = listIn('$authorized_user_ids')
/** The members whom the log has told. */
export const loggedList = listIn('$logged_user_ids')

/** How many members the list has. It counts values that are no text too. */
export const memberCount = { $size: list }

/** A part of the list of members, which the server cuts out. */
export const slice = (from: number, length: number) => ({ $slice: [list, from, length] })

/** For so many users the server goes through the list for each; for more it makes sets, which costs about the same for any. */
const mostPasses = 50

/** Which of these users the list of members, or another, has, for `listedAmong`. The server compares, so the list is not transferred. */
export function listed(userIds: readonly string[], of = list): object {
  if (!userIds.length) return { $literal: [] }
  if (userIds.length > mostPasses) return { $setIntersection: [of, { $literal: [...userIds] }] }
  return userIds.map((userId) => ({ $in: [{ $literal: userId }, of] }))
}

/** What the server found: the users themselves, or for each whether the list has them. */
export type Listed = readonly (string | boolean)[]

/** Those of these users whom the list has, by what the server found. */
export const listedAmong = (userIds: readonly string[], found: Listed): ReadonlySet<string> =>
  new Set(found.flatMap((each, i) => (typeof each === 'string' ? each : each ? (userIds[i] ?? []) : [])))

/** The place of each of these users in the list; -1 for one whom it does not have. */
export const positions = (userIds: readonly string[]): object =>
  userIds.map((userId) => ({ $indexOfArray: [list, { $literal: userId }] }))

const onlyText = (list: unknown): string[] =>
  (Array.isArray(list) ? list : []).filter((userId) => typeof userId === 'string')

export const membersOf = (doc: GroupDoc): string[] => onlyText(doc.authorized_user_ids)

/** Somebody who wrote another `owner_id` by hand, or an instance that knows no other field, means the first owner. */
export function ownersOf({ owner_id, owner_ids }: Pick<GroupDoc, 'owner_id' | 'owner_ids'>): string[] {
  const owners = onlyText(owner_ids)
  if (typeof owner_id !== 'string' || owners[0] === owner_id) return owners
  return distinct([owner_id, ...owners.slice(1)])
}

/** What the document has to say of its owners. */
export const ownersToSet = (ownerIds: readonly string[]): Pick<GroupDoc, 'owner_id' | 'owner_ids'> => ({
  owner_ids: [...ownerIds],
  ...(ownerIds[0] !== undefined && { owner_id: ownerIds[0] }),
})

function metadataOf(value: unknown): Metadata {
  if (typeof value !== 'string') return noMetadata
  try {
    const parsed: unknown = JSON.parse(value)
    return parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed)
      ? (parsed as Metadata)
      : noMetadata
  } catch {
    return noMetadata
  }
}

export const toGroup = (doc: Omit<GroupDoc, 'authorized_user_ids'>): Group => ({
  id: doc._id.toHexString(),
  number: typeof doc.number === 'number' ? doc.number : null,
  kind: doc.kind === 'direct' ? 'direct' : 'group',
  name: text(doc.name),
  description: text(doc.description),
  visibility: doc.visibility === 'open' ? 'open' : 'private',
  postPolicy: doc.post_policy === 'admins' ? 'admins' : 'everyone',
  metadata: metadataOf(doc.metadata),
  avatarUrl: typeof doc.avatar_url === 'string' ? doc.avatar_url : null,
  retentionDays: typeof doc.retention_days === 'number' ? doc.retention_days : null,
  ownerIds: ownersOf(doc),
  createdAt: createdAt(doc),
  updatedAt: updatedAt(doc),
})

export const toGroupWithMembers = (doc: GroupDoc): GroupWithMembers => ({
  ...toGroup(doc),
  authorizedUserIds: membersOf(doc),
})

/** What makes a `SummaryDoc`. */
export const summary = {
  ...groupFields,
  authorized_user_ids: slice(0, limits.listedMembers),
  member_count: memberCount,
}
export type SummaryDoc = GroupDoc & { member_count: number }

export const toSummary = (doc: SummaryDoc): GroupSummary => ({
  ...toGroupWithMembers(doc),
  memberCount: doc.member_count,
})

/** All that `PUT` may change but the list of members. */
export const settingsOf = (group: Group) => ({
  name: group.name,
  description: group.description,
  visibility: group.visibility,
  post_policy: group.postPolicy,
  metadata: JSON.stringify(group.metadata),
  avatar_url: group.avatarUrl,
  retention_days: group.retentionDays,
})

export const fromGroup = (group: GroupWithMembers): GroupDoc => ({
  _id: new ObjectId(group.id),
  ...settingsOf(group),
  kind: group.kind,
  ...(group.number !== null && { number: group.number }),
  authorized_user_ids: [...group.authorizedUserIds],
  created_at: new Date(group.createdAt),
  updated_at: new Date(group.updatedAt),
  ...ownersToSet(group.ownerIds),
  ver: 1,
  logged_user_ids: [...group.authorizedUserIds],
})
