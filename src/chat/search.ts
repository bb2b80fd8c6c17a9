import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Caller } from '../domain/caller.ts'
import type { GroupName } from '../domain/group.ts'
import { limits } from '../domain/limits.ts'
import type { Message } from '../domain/message.ts'
import type { Rates } from '../domain/rates.ts'
import { highlightsOf, indexQueryOf, isFound, readQuery } from '../domain/search.ts'
import type { Candidates } from '../store/search.ts'
import type { Store } from '../store/store.ts'
import { readableGroup } from './access.ts'

export interface Search {
  /**
   * Messages of the caller's groups, or of one group that they may read, newest first. Throws invalid (nothing to look for), malformed
   * (a cursor that is none), not_found, banned, forbidden (of a group that is named), rate_limited.
   */
  find(by: Caller, command: SearchCommand): Promise<SearchPage>
}

export interface SearchCommand {
  readonly q: string
  /** In this group only; else in all that the caller is in. */
  readonly groupId?: string
  readonly senderId?: string
  /** Only messages with files. */
  readonly hasFile?: boolean
  /** Sent at this time (milliseconds since 1970) or later, and at this time or before. */
  readonly from?: number
  readonly until?: number
  readonly limit: number
  /** The `next` of the page before; null for the first. */
  readonly cursor: string | null
}

export interface SearchPage {
  readonly results: readonly SearchResult[]
  /** null when there is no more. There may be more though nothing was found: one search looks at so many messages and no more. */
  readonly next: string | null
}

export interface SearchResult {
  readonly message: Message
  readonly group: GroupName
  /** Where in the content stands what was looked for, in UTF-16 units. */
  readonly highlights: readonly (readonly [start: number, end: number])[]
}

interface Deps {
  store: Store
  now: () => number
  rates: Pick<Rates, 'searches'>
}

/** One turn of the event loop looks at the words of so many messages, which is some milliseconds of work. */
const perTurn = 50

interface Found {
  readonly message: Message
  readonly place: string
}

export function createSearch(deps: Deps): Search {
  const { store, rates } = deps

  /** What the index says is looked at in the messages as they are now. */
  async function present({ found }: Candidates, isWanted: (message: Message) => boolean): Promise<Found[]> {
    if (!found.length) return []
    const messages = await store.messages.readMany(found.map(({ messageId }) => messageId))
    const byId = new Map(messages.map((message) => [message.id, message]))
    const wanted: Found[] = []
    for (const [n, { messageId, place }] of found.entries()) {
      if (n % perTurn === perTurn - 1) await nextTurn()
      const message = byId.get(messageId)
      if (message && isWanted(message)) wanted.push({ message, place })
    }
    return wanted
  }

  /** The groups of what was found, where the caller is still in them. */
  async function groupsOf(by: Caller, found: readonly Found[]): Promise<GroupName[]> {
    const ids = [...new Set(found.map(({ message }) => message.groupId))]
    return ids.length ? store.groups.listNames(by.userId, ids) : []
  }

  return {
    async find(by, { q, groupId, senderId, hasFile = false, from, until, limit, cursor }) {
      rates.searches.take(by.userId)
      const query = readQuery(q)
      const group = groupId === undefined ? null : await readableGroup(deps, by, groupId)
      const groupIds = group ? [group.id] : await store.groups.listIds(by.userId, limits.searchedGroups, true)
      const among = new Set(groupIds)
      const isWanted = (message: Message): boolean =>
        !message.isDeleted &&
        among.has(message.groupId) &&
        (senderId === undefined || message.senderId === senderId) &&
        (!hasFile || message.attachments.length > 0) &&
        (from === undefined || message.createdAt >= from) &&
        (until === undefined || message.createdAt <= until) &&
        isFound(query, message.content)
      const lookup = {
        ...indexQueryOf(query),
        groupIds,
        hasFile,
        ...(senderId !== undefined && { senderId }),
        ...(from !== undefined && { from }),
        ...(until !== undefined && { until }),
      }

      const all: Found[] = []
      let next = cursor
      // One more than is answered says whether there is a next page.
      for (let read = 0, size = limit + 1; all.length <= limit; size = limits.searchReads) {
        const page = await store.search.find(lookup, { after: next, limit: size, looks: limits.searchLooks })
        all.push(...(await present(page, isWanted)))
        next = page.next
        read += page.found.length
        if (next === null || page.found.length < size || read >= limits.searchReads) break
      }
      const found = all.slice(0, limit)
      if (all.length > limit) next = found.at(-1)?.place ?? null

      const groups = group ? [group] : await groupsOf(by, found)
      const names = new Map(groups.map(({ id, name }) => [id, { id, name }]))
      return {
        results: found.flatMap(({ message }) => {
          const group = names.get(message.groupId)
          return group ? [{ message, group, highlights: highlightsOf(query, message.content) }] : []
        }),
        next,
      }
    },
  }
}
