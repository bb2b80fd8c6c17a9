import type { FeedPage, Moved } from '../../../src/store/feed.ts'
import type { Call, Ids } from './command.ts'

/** What the feed tells of this run's groups, from its beginning to its end. */
export const feedLooks = ({ groups }: Ids): Call[] => [
  async ({ feed }) => {
    const told = new Map<string, Moved['head']>()
    let cursor: string | null = null
    for (let page: FeedPage | undefined; !page || page.hasMore; cursor = page.next) {
      page = await feed.read(cursor, 7)
      for (const { groupId, head } of page.moved) told.set(groupId, head)
    }
    return groups.map((id) => told.get(id))
  },
]
