import { type Cell, createCell } from '../model/cell.ts'
import type { ChatModel } from '../model/types.ts'

/** Who is there in direct chats: for the dot at a partner's picture. */
export interface DirectPresence {
  /** A new value whenever an answer may be another one. */
  readonly changed: Cell<number>
  /** Asks for it, when it is not known: the answer comes with `changed`. */
  isOnline(groupId: string, userId: string): boolean
}

export function createDirectPresence(model: ChatModel, signal: AbortSignal): DirectPresence {
  const { chat } = model
  const changed = createCell(0)
  /** Ids of who is there, by group. What was asked before a cut is asked again after it. */
  const known = new Map<string, Set<string>>()

  const touch = (): void => changed.set(changed.value + 1)

  async function ask(groupId: string): Promise<void> {
    const ids = new Set<string>()
    known.set(groupId, ids)
    try {
      const { users } = await chat.groups.online(groupId)
      for (const { user_id } of users) ids.add(user_id)
      if (users.length) touch()
    } catch {
      known.delete(groupId)
    }
  }

  const hear = (
    type: 'user_joined' | 'user_left',
    change: (ids: Set<string>, userId: string) => void,
  ): void => {
    const stop = chat.on(type, ({ group_id = '', user_id }) => {
      const ids = known.get(group_id)
      if (!ids) return
      change(ids, String(user_id))
      touch()
    })
    signal.addEventListener('abort', stop)
  }
  hear('user_joined', (ids, userId) => ids.add(userId))
  hear('user_left', (ids, userId) => ids.delete(userId))
  model.connection.listen(() => {
    known.clear()
    touch()
  }, signal)

  return {
    changed,
    isOnline(groupId, userId) {
      if (model.connection.value.state !== 'online') return false
      const ids = known.get(groupId)
      if (!ids) void ask(groupId)
      return ids?.has(userId) ?? false
    },
  }
}
