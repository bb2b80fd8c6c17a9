import type { Chat, ChatError, Group } from '../../../src/client/types.ts'
import type { Clock } from './clock.ts'
import type { Groups } from './groups.ts'
import { withRead } from './standing.ts'

/** Tells the service how far the user has read a group, not more often than every second. */
export interface Reader {
  /** `behind`: how much is unread behind it; undefined where that is not known here. */
  seen(seq: number, behind: Unread | undefined): void
  /** Tells at once what waits, and what could not be told before. */
  flush(): void
}

export type Unread = Pick<Group, 'unread_count' | 'mention_count'>

interface Deps {
  chat: Chat
  groupId: string
  clock: Clock
  groups: Groups
  report(error: unknown): void
}

const pauseMs = 1_000

export function createReader({ chat, groupId, clock, groups, report }: Deps): Reader {
  let seenTo = 0
  let toldTo = 0
  let cancel: (() => void) | undefined

  async function tell(): Promise<void> {
    const seq = seenTo
    if (seq <= toldTo || chat.state === 'closed') return
    const before = toldTo
    toldTo = seq
    try {
      await chat.groups.markRead(groupId, seq)
    } catch (error) {
      toldTo = before
      const { code } = error as ChatError
      if (code !== 'offline' && code !== 'not_found' && code !== 'forbidden') report(error)
    }
  }

  function flush(): void {
    cancel?.()
    cancel = undefined
    void tell()
  }

  return {
    seen(seq, behind) {
      const group = groups.get(groupId)
      if (!group || group.role === null || seq <= Math.max(seenTo, group.read_seq)) return
      seenTo = seq
      groups.change(groupId, (each) => ({ ...withRead(each, seq), ...behind }))
      if (!behind && seq < group.seq) groups.recount(groupId)
      if (cancel) return
      void tell()
      cancel = clock.after(pauseMs, flush)
    },
    flush,
  }
}
