import type { Head } from '../domain/change.ts'
import type { Store } from '../store/store.ts'

/** One turn of the event loop opens so many groups, which is some 5 ms of work. */
const openedPerTurn = 200

/** Reads all heads at once, but hands out only as many in each turn as groups can be opened in one. */
export function headsInTurns(
  store: { readonly log: Pick<Store['log'], 'readHeads'> },
  groupIds: readonly string[],
): Map<string, Promise<Head | undefined>> {
  if (!groupIds.length) return new Map()
  let reading = store.log.readHeads(groupIds)
  return new Map(
    groupIds.map((groupId, index) => {
      if (index > 0 && index % openedPerTurn === 0)
        reading = reading.then((heads) => new Promise((resolve) => setImmediate(resolve, heads)))
      return [groupId, reading.then((heads) => heads.get(groupId))]
    }),
  )
}
