import type { Message } from '../../domain/message.ts'
import type { Online } from '../../hub/presence.ts'
import type { Store } from '../../store/store.ts'

/** So many are named. */
const most = 1_000

/** Finds the members who have no connection in the message's group, on any instance, in the order of joining. The sender is none of them. */
export const createOffline =
  (store: { groups: Pick<Store['groups'], 'read'> }, online: (groupId: string) => Online) =>
  async ({ groupId, senderId }: Message): Promise<readonly string[]> => {
    const group = await store.groups.read(groupId)
    const there = online(groupId)
    const found: string[] = []
    for (const userId of group?.authorizedUserIds ?? []) {
      if (found.length === most) break
      if (userId !== senderId && there.connectionsOf(userId) === 0) found.push(userId)
    }
    return found
  }
