import { indexQueryOf, readQuery } from '../../../src/domain/search.ts'
import type { Call, Ids } from './command.ts'

/** What is found once the index has caught up, in whatever order messages of one millisecond in several groups are. */
export const searchLooks = ({ groups, messages }: Ids): Call[] =>
  ['one', 'tw', 'th -two', 'two -three'].map(
    (q): Call =>
      async (store) => {
        await store.search.put(messages)
        const lookup = { ...indexQueryOf(readQuery(q)), groupIds: groups }
        const { found } = await store.search.find(lookup, { after: null, limit: 100, looks: 1_000 })
        const ids = found.map(({ messageId }) => messageId)
        const times = (await store.messages.readMany(ids)).map(
          ({ id, createdAt }) => [id, createdAt] as const,
        )
        return { times: ids.map((id) => new Map(times).get(id)), ids: ids.sort() }
      },
  )
