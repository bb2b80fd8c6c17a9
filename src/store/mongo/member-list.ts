import { ObjectId, type WithId } from 'mongodb'
import { ChatError } from '../../domain/errors.ts'
import type { Group } from '../../domain/group.ts'
import type { Member, Role } from '../../domain/member.ts'
import { type Called, isCalled } from '../../domain/profile.ts'
import type { MemberPage, MemberQuery } from '../members.ts'
import type { GroupDoc } from './documents.ts'
import type { CausalOptions } from './engine/causal.ts'
import type { Connection } from './engine/connect.ts'
import { groupFields, memberCount, membersOf, positions, slice, toGroup } from './group-documents.ts'
import { toMember } from './member-records.ts'
import { readRecords } from './people.ts'

/** The roles in the order of the list. */
const roles = ['owner', 'admin', 'member'] as const satisfies readonly Role[]
const plain = roles.indexOf('member')

/** A member at their place in the group's list. */
interface Placed {
  readonly rank: number
  readonly position: number
  readonly member: Member
}

/** Where a page ends. Members who came or went since move the position, so the user is looked for. */
interface Place {
  readonly rank: number
  readonly position: number
  readonly userId: string
}

type Collections = Pick<Connection, 'groups' | 'members' | 'profiles'>

/**
 * Pages of a group's members. A page costs about itself: the server cuts the others out of the list. Owners and admins are few,
 * and are found by themselves. Only `q` has the whole list read.
 */
export const createMemberList =
  (connection: Collections & Pick<Connection, 'causal'>) =>
  (groupId: string, asked: MemberQuery): Promise<MemberPage | null> => {
    const after = placeOf(asked.after)
    return connection.causal.read((options) => {
      const reads = createReads(connection, groupId, options)
      return asked.q ? search(reads, asked, asked.q, after) : page(reads, asked, after)
    })
  }

async function page(reads: Reads, { role, limit }: MemberQuery, after: Place | null) {
  const found = await reads.group()
  if (!found) return null
  const { group, count } = found
  const isAsked = (rank: number) => role === undefined || roles[rank] === role
  const needsLeaders = role !== undefined || (after?.rank ?? 0) < plain
  const leaders = needsLeaders ? await reads.leaders(group) : []
  const from = after && (await reads.resume(after))
  const placed = leaders.filter((each) => isAsked(each.rank) && isAfter(each, from))
  const start = from?.rank === plain ? from.position + 1 : 0
  if (isAsked(plain) && placed.length <= limit)
    placed.push(...(await reads.others(group, start, limit + 1 - placed.length)))
  const ofRole = leaders.filter(({ rank }) => roles[rank] === role).length
  const total = role === undefined ? count : role === 'member' ? count - leaders.length : ofRole
  return pageOf(placed, limit, total)
}

async function search(reads: Reads, { role, limit }: MemberQuery, q: string, after: Place | null) {
  const found = await reads.whole()
  if (!found) return null
  const { group, userIds } = found
  const isFound = isCalled(q)
  const places = new Map(userIds.map((userId, position) => [userId, position]))
  const called = await reads.called([...places.keys()])
  const names = [...places.keys()].filter((userId) => isFound(userId, called.get(userId)))
  const records = await reads.records(names)
  const all = names
    .map((userId) => placedAt(places.get(userId) ?? 0, toMember(group, userId, records.get(userId))))
    .filter(({ member }) => role === undefined || member.role === role)
    .sort((a, b) => a.rank - b.rank || a.position - b.position)
  const position = after && places.get(after.userId)
  const from = after && resumed(after, position ?? -1)
  return pageOf(
    all.filter((each) => isAfter(each, from)),
    limit,
    all.length,
  )
}

type Reads = ReturnType<typeof createReads>

function createReads(connection: Collections, groupId: string, options: CausalOptions) {
  const { groups, members, profiles } = connection
  const $match = { _id: new ObjectId(groupId) }
  const read = async <Doc extends object>($project: object): Promise<Doc | undefined> =>
    (await groups.aggregate<Doc>([{ $match }, { $project }], options).toArray())[0]
  const records = (userIds: readonly string[]) => readRecords(connection, groupId, userIds, options)

  return {
    records,

    async group() {
      const doc = await read<WithId<GroupDoc> & { count: number }>({ ...groupFields, count: memberCount })
      return doc && { group: toGroup(doc), count: doc.count }
    },

    async whole() {
      const doc = await groups.findOne($match, {
        ...options,
        projection: { ...groupFields, authorized_user_ids: 1 },
      })
      return doc && { group: toGroup(doc), userIds: membersOf(doc) }
    },

    async called(userIds: readonly string[]): Promise<Map<string, Called>> {
      const once = { ...options, projection: { username: 1, display_name: 1 }, batchSize: userIds.length + 1 }
      const docs = await profiles.find({ _id: { $in: [...userIds] } }, once).toArray()
      return new Map(
        docs.map(({ _id, username, display_name: displayName }) => [_id, { username, displayName }]),
      )
    },

    /** Owners and admins whom the list has, in its order. */
    async leaders(group: Group): Promise<Placed[]> {
      const admins = await members.find({ group_id: groupId, 'given.role': 'admin' }, options).toArray()
      const owners = await records(group.ownerIds)
      const of = new Map([...admins.map((doc) => [doc.user_id, doc] as const), ...owners])
      const leading = [...new Set([...group.ownerIds, ...of.keys()])]
        .map((userId) => toMember(group, userId, of.get(userId)))
        .filter(({ role }) => role !== 'member')
      const positions = await this.positions(leading.map(({ userId }) => userId))
      return leading
        .map((member, i) => placedAt(positions[i] ?? -1, member))
        .filter(({ position }) => position >= 0)
        .sort((a, b) => a.rank - b.rank || a.position - b.position)
    },

    /** The place of each of these in the list; -1 for one whom it does not have. */
    async positions(userIds: readonly string[]): Promise<readonly number[]> {
      if (!userIds.length) return []
      return (await read<{ at: number[] }>({ at: positions(userIds) }))?.at ?? []
    },

    /** Where to go on after a member who may be at another place by now, or gone. */
    async resume(after: Place): Promise<Place> {
      const [position = -1] = await this.positions([after.userId])
      return resumed(after, position)
    },

    /** Plain members from this place of the list on, as many as wanted if there are. */
    async others(group: Group, start: number, wanted: number): Promise<Placed[]> {
      const found: Placed[] = []
      // Where there are many leaders among them, more is read each time.
      for (let from = start, size = wanted; found.length < wanted; from += size, size *= 2) {
        const list = (await read<{ list: unknown[] }>({ list: slice(from, size) }))?.list ?? []
        const userIds = list.filter((userId) => typeof userId === 'string')
        const of = await records(userIds)
        for (const [i, userId] of list.entries()) {
          if (typeof userId !== 'string') continue
          const member = toMember(group, userId, of.get(userId))
          if (member.role === 'member' && found.length < wanted) found.push(placedAt(from + i, member))
        }
        if (list.length < size) break
      }
      return found
    },
  }
}

const placedAt = (position: number, member: Member): Placed => ({
  rank: roles.indexOf(member.role),
  position,
  member,
})

/** Who came after one who is gone has moved up to their place. */
const resumed = (after: Place, position: number): Place => ({
  ...after,
  position: position >= 0 ? position : after.position - 1,
})

const isAfter = ({ rank, position }: Placed, from: Place | null): boolean =>
  !from || rank > from.rank || (rank === from.rank && position > from.position)

function pageOf(found: readonly Placed[], limit: number, total: number): MemberPage {
  const last = found.length > limit ? found[limit - 1] : undefined
  const next = last && `${last.rank}.${last.position}.${encoded(last.member.userId)}`
  return { members: found.slice(0, limit).map(({ member }) => member), total, next: next ?? null }
}

const encoded = (userId: string): string => Buffer.from(userId).toString('base64url')

/** Throws malformed. */
function placeOf(after: string | undefined): Place | null {
  if (after === undefined) return null
  const [, rank, position, userId] = /^([0-2])\.(\d{1,15})\.([\w-]+)$/.exec(after) ?? []
  if (userId === undefined) throw new ChatError('malformed', 'This is no `next` of a list of members.')
  return {
    rank: Number(rank),
    position: Number(position),
    userId: Buffer.from(userId, 'base64url').toString(),
  }
}
