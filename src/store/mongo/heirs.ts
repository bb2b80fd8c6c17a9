import { isActive } from '../../domain/ban.ts'
import type { Member } from '../../domain/member.ts'
import type { MemberQuery } from '../members.ts'
import type { Connection } from './engine/connect.ts'
import type { Standing } from './group-changes.ts'
import { createMemberList } from './member-list.ts'
import { readBans } from './people.ts'

/** So many members are looked at, of whom one who is not banned is to be found. */
const lookAt = 100

/**
 * Who becomes owner when the last one leaves: the first admin in the group's list, else the first member. Somebody who is banned, and
 * was listed by hand, is passed over. null when there is nobody.
 */
export async function findHeir(
  connection: Connection,
  { group }: Standing,
  at: number,
): Promise<Member | null> {
  const list = createMemberList(connection)
  const read = async (role: MemberQuery['role'] & string) =>
    (await list(group.id, { role, limit: lookAt }))?.members ?? []
  for (const role of ['admin', 'member'] as const) {
    const candidates = await read(role)
    const userIds = candidates.map(({ userId }) => userId)
    const bans = await readBans(connection, group.id, userIds)
    const isBanned = (userId: string) => {
      const ban = bans.get(userId)
      return ban !== undefined && isActive({ until: ban.until?.getTime() ?? null }, at)
    }
    const heir = candidates.find(({ userId }) => !isBanned(userId))
    if (heir) return heir
  }
  return null
}
