import { requireMay } from '../src/domain/access.ts'
import { isActive } from '../src/domain/ban.ts'
import type { Change } from '../src/domain/change.ts'
import { ChatError } from '../src/domain/errors.ts'
import type { GroupWithMembers } from '../src/domain/group.ts'
import type { Membership } from '../src/domain/member.ts'
import { isId } from '../src/domain/text.ts'
import { lookIntoGroup } from '../src/store/inspect.ts'
import { Failure, print, readArguments, UsageError } from './command.ts'
import { loadConfig } from './environment.ts'

export const help = `Usage: chat-api why USER GROUP

Says why the user (the token's sub) can, or can't, see the group (its id), by what is stored now; also while the
service runs. Exits with 0 when the user can, 1 when not.`

export async function run(argv: string[]): Promise<number> {
  const { operands } = readArguments(argv, {}, ['USER', 'GROUP'])
  const [userId = '', groupId = ''] = operands
  if (!isId(groupId)) throw new UsageError('GROUP is an id: 24 digits 0-9 and a-f.')
  const { group, membership, lastChange } = await look(groupId, userId)
  if (!group || !membership) {
    print(`NO: there is no group ${groupId}. It was deleted, or it is of another database.`)
    return 1
  }
  const caller = { userId, admin: false }
  const now = Date.now()
  const canSee = allows(() => requireMay('listen', membership, caller, now))
  const canManage = allows(() => requireMay('manage', membership, caller, now))
  const lines = [
    `${canSee ? `YES: ${userId} sees` : `NO: ${userId} doesn't see`} "${group.name}": ${reason(userId, membership, group, canSee)}.`,
    ...(canSee || membership.member ? [] : similar(group, userId)),
    ...history(lastChange, userId),
    canManage
      ? `${userId} is its owner, and may change it${canSee ? '' : ': an owner who is no member may still add members, but not read'}.`
      : `Its owner is ${group.ownerIds.join(', ') || 'nobody: only a token with scope chat:admin may change it'}.`,
    ...(canSee
      ? ['If the service refuses all the same, look at the token: chat-api doctor --token TOKEN']
      : ['A token with scope chat:admin would see it.']),
  ]
  print(lines.join('\n'))
  return canSee ? 0 : 1
}

async function look(groupId: string, userId: string) {
  try {
    return await lookIntoGroup(loadConfig(), groupId, userId)
  } catch (error) {
    throw error instanceof ChatError ? new Failure(error.message) : error
  }
}

/** Bans are asked first, then the list of members, then whether everybody may read. */
function reason(
  userId: string,
  { member, ban }: Membership,
  group: GroupWithMembers,
  canSee: boolean,
): string {
  const among = `one of its ${group.authorizedUserIds.length} members (authorized_user_ids)`
  if (!canSee && ban && isActive(ban, Date.now()))
    return `banned${ban.until === null ? '' : ` until ${new Date(ban.until).toISOString()}`}`
  if (member) return `${userId} is ${among}${member.role === 'member' ? '' : `, as ${member.role}`}`
  return canSee ? `it is open to everybody, and they are a guest, not ${among}` : `not ${among}`
}

function allows(check: () => void): boolean {
  try {
    check()
    return true
  } catch {
    return false
  }
}

/** Members whose ids look like the user's to a person. The service compares ids byte by byte. */
function similar(group: GroupWithMembers, userId: string): string[] {
  const plain = (id: string) => id.normalize('NFKC').trim().toLowerCase()
  const near = group.authorizedUserIds.filter((id) => plain(id) === plain(userId))
  return near.map(
    (id) =>
      `It has a member ${JSON.stringify(id)}, which is not the same: ids are compared letter by letter.`,
  )
}

function history(change: Change | null, userId: string): string[] {
  if (!change) return []
  return [`${userId} was ${deeds[change.type] ?? change.type} on ${new Date(change.at).toISOString()}.`]
}

const deeds: Readonly<Record<string, string>> = {
  member_added: 'added',
  member_removed: 'removed',
  member_banned: 'banned',
}
