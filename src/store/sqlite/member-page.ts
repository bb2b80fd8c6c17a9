import type { DatabaseSync } from 'node:sqlite'
import { ChatError } from '../../domain/errors.ts'
import type { Member, Role } from '../../domain/member.ts'
import { isCalled } from '../../domain/profile.ts'
import type { MemberPage, MemberQuery } from '../members.ts'
import { firstNumber, query } from './engine/columns.ts'
import { createTogether } from './engine/database.ts'

/** The roles in the order of the list. */
const roles = ['owner', 'admin', 'member'] as const satisfies readonly Role[]

/** Where a page ends: the last member's role, as its index, and position. */
interface Place {
  readonly rank: number
  readonly position: number
}

type Row = [position: number, userId: string, role: Role, joinedAt: number, mutedUntil: number | null]
type NamedRow = [position: number, userId: string, username: string | null, displayName: string | null]
type Placed = Place & { readonly member: Member }

/** Pages of a group's members, role by role: each is a range of an index. */
export function createMemberPages(db: DatabaseSync) {
  const together = createTogether(db)
  const sql = {
    count: query(db, 'SELECT member_count FROM groups WHERE id = ?', firstNumber),
    ofRole: query(db, 'SELECT count(*) FROM members WHERE group_id = ? AND role = ?', firstNumber),
    page: query(
      db,
      `SELECT position, members.user_id, role, coalesce(joined_at, group_created_at), until
       FROM members LEFT JOIN mutes USING (group_id, user_id)
       WHERE members.group_id = ? AND role = ? AND position > ? ORDER BY position LIMIT ?`,
      ([position, userId, role, joinedAt, mutedUntil]: Row): Placed => ({
        rank: roles.indexOf(role),
        position,
        member: { userId, role, joinedAt, mutedUntil },
      }),
    ),
    names: query(
      db,
      `SELECT position, user_id, username, display_name
       FROM members LEFT JOIN profiles ON profiles.id = user_id
       WHERE group_id = ? AND role = ? ORDER BY position`,
      ([position, userId, username, displayName]: NamedRow) => ({
        position,
        userId,
        called: username === null || displayName === null ? undefined : { username, displayName },
      }),
    ),
  }

  /** Goes through the roles from this place on, until there are enough. */
  function gather(groupId: string, ranks: readonly number[], after: Place, limit: number): Placed[] {
    const found: Placed[] = []
    for (const rank of ranks) {
      if (rank < after.rank || found.length >= limit) continue
      const from = rank === after.rank ? after.position : -1
      found.push(...sql.page.all(groupId, roles[rank] ?? '', from, limit - found.length))
    }
    return found
  }

  /** The places of those who are called so, in order. Of the others little is read. */
  function search(groupId: string, ranks: readonly number[], q: string): Place[] {
    const isFound = isCalled(q)
    return ranks.flatMap((rank) =>
      sql.names
        .all(groupId, roles[rank] ?? '')
        .flatMap(({ position, userId, called }) => (isFound(userId, called) ? [{ rank, position }] : [])),
    )
  }

  const countOf = (groupId: string, role: Role): number => sql.ofRole.get(groupId, role) ?? 0

  function total(groupId: string, role: Role | undefined, all: number): number {
    if (role === undefined) return all
    if (role !== 'member') return countOf(groupId, role)
    // There may be thousands of these, and few of the others.
    return all - countOf(groupId, 'owner') - countOf(groupId, 'admin')
  }

  function page(groupId: string, { role, q, limit, after }: MemberQuery): MemberPage | null {
    const from = placeOf(after)
    const all = sql.count.get(groupId)
    if (all === null) return null
    const ranks = role === undefined ? [0, 1, 2] : [roles.indexOf(role)]
    if (q === undefined || q === '') {
      const found = gather(groupId, ranks, from, limit + 1)
      return pageOf(found, limit, total(groupId, role, all))
    }
    const places = search(groupId, ranks, q)
    const found = places
      .filter((place) => isAfter(place, from))
      .slice(0, limit + 1)
      .flatMap(({ rank, position }) => gather(groupId, [rank], { rank, position: position - 1 }, 1))
    return pageOf(found, limit, places.length)
  }

  return (groupId: string, asked: MemberQuery): MemberPage | null => together(() => page(groupId, asked))
}

const isAfter = (place: Place, from: Place): boolean =>
  place.rank > from.rank || (place.rank === from.rank && place.position > from.position)

function pageOf(found: readonly Placed[], limit: number, total: number): MemberPage {
  const last = found.length > limit ? found[limit - 1] : undefined
  return {
    members: found.slice(0, limit).map(({ member }) => member),
    total,
    next: last ? `${last.rank}.${last.position}` : null,
  }
}

/** Throws malformed. */
function placeOf(after: string | undefined): Place {
  if (after === undefined) return { rank: 0, position: -1 }
  const [, rank, position] = /^([0-2])\.(\d{1,15})$/.exec(after) ?? []
  if (rank === undefined) throw new ChatError('malformed', 'This is no `next` of a list of members.')
  return { rank: Number(rank), position: Number(position) }
}
