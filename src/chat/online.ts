import type { Caller } from '../domain/caller.ts'
import { limits } from '../domain/limits.ts'
import type { OnlineUser } from '../domain/online.ts'
import type { Hub } from '../hub/hub.ts'
import type { Store } from '../store/store.ts'
import { readableGroup } from './access.ts'

export interface OnlineUsers {
  /**
   * Who is connected to the group, on all instances: at most 500 of them, by their ids, and how many there are in all.
   * Throws not_found, forbidden (who may not read the group).
   */
  list(by: Caller, groupId: string): Promise<{ users: OnlineUser[]; total: number }>
}

export function createOnlineUsers({ store, hub }: { store: Store; hub: Pick<Hub, 'online'> }): OnlineUsers {
  return {
    async list(by, groupId) {
      await readableGroup(store, by, groupId)
      const online = hub.online(groupId)
      const users = online
        .first(limits.onlineUsers)
        .map(([userId, connections]): OnlineUser => ({ userId, connections }))
      return { users: users.sort((a, b) => (a.userId < b.userId ? -1 : 1)), total: online.users }
    },
  }
}
