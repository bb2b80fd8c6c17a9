import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Reading, Standing } from '../domain/read.ts'
import type { Store } from '../store/store.ts'

/** One turn of the event loop reads so many groups, which is some 5 ms of work. */
const perTurn = 200

/** How the user stands to each of these groups, by group, in a few reads. Groups that are gone are left out. */
export async function readStandings(
  store: Pick<Store, 'reads' | 'mentions'>,
  userId: string,
  groupIds: readonly string[],
): Promise<Map<string, Standing>> {
  const standings = new Map<string, Standing>()
  for (let from = 0; from < groupIds.length; from += perTurn) {
    if (from > 0) await nextTurn()
    const readings = await store.reads.ofUser(userId, groupIds.slice(from, from + perTurn))
    const mentions = await countMentions(store, userId, readings)
    for (const [groupId, reading] of readings)
      standings.set(groupId, { ...reading, mentionCount: mentions.get(groupId) ?? 0 })
  }
  return standings
}

/** Where nothing is unread, nothing is looked for. */
async function countMentions(
  { mentions }: Pick<Store, 'mentions'>,
  userId: string,
  readings: ReadonlyMap<string, Reading>,
): Promise<Map<string, number>> {
  const after = [...readings].flatMap(([groupId, { readSeq: seq, unreadCount }]) =>
    unreadCount > 0 ? [{ groupId, seq }] : [],
  )
  return after.length ? mentions.countMany(userId, after) : new Map()
}
