import { requireMay } from '../domain/access.ts'
import type { Caller } from '../domain/caller.ts'
import { limits } from '../domain/limits.ts'
import type { Message } from '../domain/message.ts'
import type { Rates } from '../domain/rates.ts'
import type { ReadMark, Standing } from '../domain/read.ts'
import type { Hub } from '../hub/hub.ts'
import type { ReadNews } from '../hub/read-news.ts'
import type { Store } from '../store/store.ts'
import { readStandings } from './standings.ts'

export interface Reads {
  /**
   * Marks all messages up to `seq` as read by the caller, and answers what is unread after that. A mark never goes back. `from` is the
   * reader that says so, which is not told of it. Throws not_found, banned, forbidden (members only), invalid (beyond the last message),
   * rate_limited.
   */
  mark(by: Caller, groupId: string, seq: number, from?: object): Promise<ReadState>
  /** Who has read up to where, at most 100, most read first. Throws not_found, banned, forbidden (members only). */
  list(by: Caller, groupId: string): Promise<ReadMark[]>
  /** What the caller is answered beside groups that they may read, by group. Groups that are gone are left out. At most 1,000 ids. */
  overview(by: Caller, groupIds: readonly string[]): Promise<ReadonlyMap<string, Overview>>
}

export type ReadState = Pick<Standing, 'readSeq' | 'unreadCount' | 'mentionCount'>

export interface Overview {
  readonly standing: Standing
  /** The newest message that is not deleted. */
  readonly lastMessage: Message | null
}

interface Deps {
  store: Store
  hub: Pick<Hub, 'read'>
  now: () => number
  rates: Pick<Rates, 'reads'>
}

export function createReads({ store, hub, now, rates }: Deps): Reads {
  /** In a group that is so small its members are told who has read what. Guests are not. */
  async function audience(groupId: string): Promise<Pick<ReadNews, 'isShared' | 'hasGuests'>> {
    const group = await store.groups.readSummary(groupId)
    return {
      isShared: group !== null && group.memberCount <= limits.readsToldAmong,
      hasGuests: group?.visibility === 'open',
    }
  }

  return {
    async mark(by, groupId, seq, from) {
      rates.reads.take(by.userId)
      const { value } = await store.reads.mark(groupId, seq, by, now())
      if (value.isNews)
        hub.read(groupId, { userId: by.userId, seq: value.seq, ...(await audience(groupId)), from })
      const standing = (await readStandings(store, by.userId, [groupId])).get(groupId)
      return standing ?? { readSeq: value.seq, unreadCount: 0, mentionCount: 0 }
    },

    async list(by, groupId) {
      requireMay('seeReads', await store.members.read(groupId, by.userId), by, now())
      return store.reads.list(groupId, limits.readMarks)
    },

    async overview(by, groupIds) {
      const [standings, last] = await Promise.all([
        readStandings(store, by.userId, groupIds),
        store.messages.listLast(groupIds),
      ])
      return new Map(
        [...standings].map(([groupId, standing]) => [
          groupId,
          { standing, lastMessage: last.get(groupId) ?? null },
        ]),
      )
    },
  }
}
