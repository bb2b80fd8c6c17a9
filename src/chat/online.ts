import type { Caller } from '../domain/caller.ts'
import { limits } from '../domain/limits.ts'
import type { OnlineUser } from '../domain/online.ts'
import type { Hub } from '../hub/hub.ts'
import type { Directory } from '../people/directory.ts'
import type { Store } from '../store/store.ts'
import { membershipFor } from './access.ts'

export interface OnlineUsers {
  /**
   * Who is connected to the group, on all instances: at most 500 of them, by their ids, and how many there are in all.
   * Throws not_found, banned, forbidden (who may not read the group).
   */
  list(by: Caller, groupId: string): Promise<{ users: OnlineUser[]; total: number }>
}

interface Deps {
  store: Pick<Store, 'members'>
  hub: Pick<Hub, 'online'>
  now: () => number
  directory: Pick<Directory, 'know'>
}

export function createOnlineUsers(deps: Deps): OnlineUsers {
  return {
    async list(by, groupId) {
      await membershipFor('seeMembers', deps, by, groupId)
      const online = deps.hub.online(groupId)
      const users = online
        .first(limits.onlineUsers)
        .map(([userId, connections]): OnlineUser => ({ userId, connections }))
      await deps.directory.know(users.map(({ userId }) => userId))
      return { users: users.sort((a, b) => (a.userId < b.userId ? -1 : 1)), total: online.users }
    },
  }
}
