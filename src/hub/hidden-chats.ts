import type { Store } from '../store/store.ts'
import { createRetryQueue } from './retry-queue.ts'
import type { Users } from './users.ts'

/** Direct chats that their users hide: nobody hears more of them here, until they are shown again. */
export interface HiddenChats {
  hide(userId: string, groupId: string): void
  close(): void
}

interface Deps {
  store: { readonly preferences: Pick<Store['preferences'], 'ofUser'> }
  users: Pick<Users, 'has' | 'tell'>
  /** Ends the user's subscribers in the group. */
  dismiss(userId: string, groupId: string): void
  onError(error: unknown): void
}

export function createHiddenChats({ store, users, dismiss, onError }: Deps): HiddenChats {
  /** The chat may have been shown again before its subscribers were ended here, and whoever did that may have told so too early. */
  const hidden = createRetryQueue(async (key) => {
    const [userId, groupId] = JSON.parse(key) as [string, string]
    const chosen = await store.preferences.ofUser(userId, [groupId])
    if (chosen.get(groupId)?.hidden === false) users.tell(userId, { type: 'group_shown', groupId })
  }, onError)

  return {
    hide(userId, groupId) {
      dismiss(userId, groupId)
      if (users.has(userId)) hidden.add(JSON.stringify([userId, groupId]))
    },
    close: hidden.close,
  }
}
