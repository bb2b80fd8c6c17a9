import { ObjectId, type WithId } from 'mongodb'
import type { MembersAmong, Membership } from '../../domain/member.ts'
import { distinct } from '../../domain/user-list.ts'
import type { MemberStore } from '../members.ts'
import { createBlockedInChat } from './blocks.ts'
import type { GroupDoc } from './documents.ts'
import { createBatches } from './engine/batches.ts'
import type { Connection } from './engine/connect.ts'
import { groupFields, type Listed, listed, listedAmong, membersOf, toGroup } from './group-documents.ts'
import { createGroupMarks, type GroupMarks, isLogged } from './group-marks.ts'
import type { Concern } from './log/heads.ts'
import type { Pending } from './log/pending.ts'
import { createMembershipCache } from './membership-cache.ts'
import { bannedUntil, membershipOf, readBans, readPeople } from './people.ts'
import type { ReadMarks } from './read-marks.ts'
import type { Rosters } from './rosters.ts'

/** So many memberships are kept. */
const maxCached = 100_000
/** A kept membership is trusted while the stream of groups has proved within so many milliseconds that it missed nothing. */
const trustMs = 1_000
/** The database may take so many milliseconds to confirm a read by a majority. */
const confirmMs = 3_000

/** Tells who is a member, as what. `authorized_user_ids` decides who is one, which operators may edit by hand. */
export interface Members extends Pick<MemberStore, 'read' | 'among' | 'confirm'>, GroupMarks {
  /** The group's document as it is, with its list. */
  readGroup(id: string): Promise<GroupDoc | null>
  /** Checks a write by the rule. The membership is about a second old at most, and a refusal is never by a kept one. */
  check(groupId: string, userId: string, rule: (membership: Membership | null) => void): Promise<void>
  /**
   * To be called when the group's document was changed: what is kept of it may not be true any more. Without an id all
   * groups are dropped.
   */
  forget(id?: string): void
}

/** A caller that waits for a membership. */
interface Asking {
  readonly userId: string
  resolve(membership: Membership | null): void
  reject(error: unknown): void
}

interface Deps {
  connection: Connection
  pending: Pending
  rosters: Rosters
  marks: Pick<ReadMarks, 'drop'>
  now: () => number
  /** When the stream of groups last proved that it missed nothing, by performance.now(). */
  provedAt: () => number
  /** Is called when a read happens to see a hand edit. */
  onUnlogged(id: string): void
}

export function createMembers(deps: Deps): Members {
  const { connection, provedAt, onUnlogged } = deps
  const { groups, causal } = connection
  const cache = createMembershipCache(maxCached)
  const isBlockedIn = createBlockedInChat(connection)

  async function readGroup(id: string): Promise<GroupDoc | null> {
    const doc = await causal.read((options) => groups.findOne({ _id: new ObjectId(id) }, options))
    if (doc && !doc.unlogged && !isLogged(doc)) onUnlogged(id)
    return doc
  }

  /** Memberships that are asked for together are read together. */
  const reading = createBatches<Asking>({
    most: 1_000,
    atOnce: 3,
    async run(groupId, asking) {
      const userIds = distinct(asking.map(({ userId }) => userId))
      const found = await connection.unlessHung(readMemberships(connection, groupId, userIds))
      for (const { userId, resolve } of asking) resolve(found?.get(userId) ?? null)
    },
    onFailed(asking, error) {
      for (const { reject } of asking) reject(error)
    },
  })

  const readKept = (groupId: string, userId: string): Promise<Membership | null> =>
    new Promise((resolve, reject) => reading.add(groupId, { userId, resolve, reject }))

  /** Whether somebody is blocked is not kept with a membership, because it holds at once. */
  async function withBlock(membership: Membership | null, userId: string): Promise<Membership | null> {
    const { kind, id } = membership?.group ?? {}
    const isBlocked = kind === 'direct' && id !== undefined && (await isBlockedIn(id, userId))
    return membership && isBlocked ? { ...membership, isBlocked } : membership
  }

  async function among(
    groupId: string,
    userIds: readonly string[],
    options: Partial<Concern>,
    confirmed: Partial<Concern> = {},
  ): Promise<MembersAmong | null> {
    const concern = { ...options, ...confirmed }
    const isMany = userIds.length > mostCompared
    const doc = await (isMany
      ? readWhole(connection, groupId, userIds, concern)
      : readListed(connection, groupId, userIds, concern))
    if (!doc) return null
    const bans = await readBans(connection, groupId, userIds, options)
    return {
      group: toGroup(doc),
      userIds: doc.listed,
      bannedUntil: bannedUntil(bans, userIds),
    }
  }

  return {
    ...createGroupMarks(deps),
    read: async (groupId, userId) => withBlock(await readKept(groupId, userId), userId),
    readGroup,

    among: (groupId, userIds) => causal.read((options) => among(groupId, userIds, options)),

    confirm(groupId, userIds) {
      // The primary asks a majority whether it is the primary still. A read with `majority` may be of an earlier one.
      const confirmed = { readConcern: { level: 'linearizable' }, maxTimeMS: confirmMs } as const
      return among(groupId, userIds, {}, confirmed)
    },

    async check(groupId, userId, rule) {
      const known = cache.get(groupId, userId)
      if (known && (!known.isRead || performance.now() - provedAt() <= trustMs)) {
        const membership = await withBlock(await known.membership, userId)
        try {
          return rule(membership)
        } catch {
          // The user may have gained access a moment ago, so the database is asked before anybody is refused.
        }
      }
      rule(await withBlock(await cache.keep(groupId, userId, readKept(groupId, userId)), userId))
    },

    forget: cache.forget,
  }
}

type ListedGroup = WithId<GroupDoc> & { listed: ReadonlySet<string> }

/** Of more users than so many, the question would be longer than the list. */
const mostCompared = 1_000

/** The same as `readListed`, compared here. */
async function readWhole(
  { groups }: Pick<Connection, 'groups'>,
  groupId: string,
  userIds: readonly string[],
  options: Partial<Concern>,
): Promise<ListedGroup | null> {
  const projection = { ...groupFields, authorized_user_ids: 1 }
  const doc = await groups.findOne({ _id: new ObjectId(groupId) }, { ...options, projection })
  const list = new Set(doc && membersOf(doc))
  return doc && { ...doc, listed: new Set(userIds.filter((userId) => list.has(userId))) }
}

/** The group, and which of these users its list has. The server compares the list, so it is not transferred. */
async function readListed(
  { groups }: Pick<Connection, 'groups'>,
  groupId: string,
  userIds: readonly string[],
  options: Partial<Concern>,
): Promise<ListedGroup | null> {
  const pipeline = [
    { $match: { _id: new ObjectId(groupId) } },
    { $project: { ...groupFields, listed: listed(userIds) } },
  ]
  const [doc] = await groups.aggregate<WithId<GroupDoc> & { listed: Listed }>(pipeline, options).toArray()
  return doc ? { ...doc, listed: listedAmong(userIds, doc.listed) } : null
}

/** Resolves to null when there is no such group. */
async function readMemberships(
  connection: Connection,
  groupId: string,
  userIds: readonly string[],
): Promise<Map<string, Membership> | null> {
  const [doc, people] = await connection.causal.read((options) =>
    Promise.all([
      readListed(connection, groupId, userIds, options),
      readPeople(connection, groupId, userIds, options),
    ]),
  )
  if (!doc) return null
  const group = toGroup(doc)
  return new Map(
    userIds.map((userId) => [userId, membershipOf(group, userId, doc.listed.has(userId), people)]),
  )
}
