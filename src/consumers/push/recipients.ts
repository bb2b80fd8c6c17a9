import type { GroupSummary } from '../../domain/group.ts'
import { callsUser } from '../../domain/mention.ts'
import type { Message } from '../../domain/message.ts'
import type { Online } from '../../hub/presence.ts'
import type { Store } from '../../store/store.ts'

export type RecipientStore = Pick<Store, 'groups' | 'members' | 'preferences' | 'blocks'>

/** Somebody who is to be told of a message. */
export interface Recipient {
  readonly userId: string
  /** The message calls them, or is to the two of them: it may wake their device. */
  readonly isUrgent: boolean
}

export interface Recipients {
  readonly group: Pick<GroupSummary, 'id' | 'name'>
  readonly recipients: readonly Recipient[]
}

/** So many users are looked up at a time. */
const atOnce = 20_000

/**
 * Who is to be told of a message: members who are not connected to its group and want to be told of such a message, as their `notify`
 * says, apart from the sender and those who have blocked the sender. null where the group is gone.
 */
export function createRecipients(store: RecipientStore, online: (groupId: string) => Online) {
  async function withoutBlockers(senderId: string, userIds: readonly string[]): Promise<readonly string[]> {
    const left: string[] = []
    for (let i = 0; i < userIds.length; i += atOnce) {
      const some = userIds.slice(i, i + atOnce)
      const blockers = await store.blocks.among(senderId, some)
      left.push(...some.filter((userId) => !blockers.has(userId)))
    }
    return left
  }

  return async (message: Message): Promise<Recipients | null> => {
    const { groupId, senderId } = message
    const group = await store.groups.read(groupId)
    if (!group) return null
    const chosen = await store.preferences.notifyIn(groupId)
    const usual = group.kind === 'direct' ? 'all' : 'mentions'
    const there = online(groupId)
    const wants = (userId: string): boolean => {
      const notify = chosen.get(userId) ?? usual
      return notify === 'all' || (notify === 'mentions' && callsUser(message, userId))
    }
    const userIds = group.authorizedUserIds.filter(
      (userId) => userId !== senderId && wants(userId) && there.connectionsOf(userId) === 0,
    )
    const recipients = (await withoutBlockers(senderId, userIds)).map((userId) => ({
      userId,
      isUrgent: group.kind === 'direct' || callsUser(message, userId),
    }))
    return { group, recipients }
  }
}
