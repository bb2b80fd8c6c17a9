import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { ChatError } from '../../../domain/errors.ts'
import type { Candidate, Candidates, Lookup, LookupPage, SearchStore } from '../../search.ts'
import { query } from '../engine/columns.ts'
import type { Database } from '../engine/database.ts'
import type { createSearchWrites } from './entries.ts'
import { placesPerMs } from './place.ts'
import { expression } from './terms.ts'
import { type Below, type Together, together } from './together.ts'

/** Of more groups than these, each entry is looked at for its group. */
const groupsInQuery = 32
const smallest = 32
/** So many times as long as a portion of the index took, the writer is left to others who wait for it. */
const shareOfOthers = 9

export type SearchReads = ReturnType<typeof createSearchReads>

export function createSearchReads(db: DatabaseSync) {
  // Without the casts FTS5 would take the bounds for fractions, and read from the newest each time.
  const range = 'rowid < CAST(? AS INTEGER) AND rowid >= CAST(? AS INTEGER) ORDER BY rowid DESC LIMIT ?'
  const places = query(
    db,
    `SELECT rowid FROM search_words WHERE search_words MATCH ? AND ${range}`,
    ([place]: [number]) => place,
  )
  const nth = query(
    db,
    `SELECT rowid FROM search_words WHERE search_words MATCH ? AND ${range} OFFSET ?`,
    ([place]: [number]) => place,
  )
  const messages = query(
    db,
    `SELECT entries.place, entries.group_id, messages.id FROM json_each(?) AS asked
     JOIN search_entries AS entries ON entries.place = asked.value
     JOIN messages ON messages.group_id = entries.group_id AND messages.seq = entries.seq
     ORDER BY entries.place DESC`,
    ([place, groupId, messageId]: [number, string, string]) => ({ place, groupId, messageId }),
  )

  /** How the next places below a bound are found that all terms and none of the others have. */
  function wayOf(all: readonly string[], none: readonly string[], top: number, low: number, looks: number) {
    const asOne =
      (below: Below) =>
      (bound: number, limit: number): Together => {
        const found = [...below(bound, limit)]
        return { places: found, down: found.length < limit ? null : (found.at(-1) ?? null) }
      }
    const having =
      (match: string): Below =>
      (bound, limit) =>
        places.all(match, bound, low, limit)
    const [first = ''] = all
    if (all.length === 1 && !none.length) return asOne(having(first))
    // FTS5 ends when it has gone through one of the lists, so one has to be short.
    const isShort = (term: string) => nth.get(term, top, low, 1, looks) === null
    if (all.some(isShort)) {
      const without = none.length ? ` NOT (${none.join(' OR ')})` : ''
      return asOne(having(`(${all.join(' AND ')})${without}`))
    }
    const lists = { all: all.map(having), none: none.map(having) }
    return (bound: number, limit: number) => together(lists, bound, limit, looks)
  }

  return function find(lookup: Lookup, { after, limit, looks }: LookupPage): Candidates {
    const { groupIds, senderId, from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = lookup
    if (!groupIds.length) return { found: [], next: null }
    // The places of a crowded millisecond go on into the next.
    const low = bounded(from * placesPerMs)
    let top = Math.min(placeOf(after), bounded((until + 2) * placesPerMs))
    // What is likely to be the rarest is tried first.
    const all = [
      ...(groupIds.length > groupsInQuery ? [] : [expression.groups(groupIds)]),
      ...(senderId === undefined ? [] : [expression.sender(senderId)]),
      ...(lookup.hasFile ? [expression.file] : []),
      ...lookup.all.map(expression.word),
    ]
    const way = wayOf(all, lookup.none.map(expression.word), top, low, looks)
    const groups = new Set(groupIds)
    const found: Candidate[] = []
    let left = looks
    for (let size = Math.max(limit, smallest); ; size *= 2) {
      const wanted = Math.min(size, left)
      const { places, down } = way(top, wanted)
      left -= wanted
      for (const { place, groupId, messageId } of messages.all(JSON.stringify(places))) {
        if (!groups.has(groupId)) continue
        found.push({ messageId, place: String(place) })
        if (found.length === limit) return { found, next: String(place) }
      }
      if (down === null) return { found, next: null }
      top = down
      if (left <= 0 || places.length < wanted) return { found, next: String(top) }
    }
  }
}

/** SQLite's integers end here, and JavaScript's, which are in order up to there, long before. */
const bounded = (place: number): number =>
  Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, place))

function placeOf(after: string | null): number {
  if (after === null) return Number.MAX_SAFE_INTEGER
  if (!/^-?\d{1,16}$/.test(after)) throw new ChatError('malformed', 'This is no place in a search.')
  return bounded(Number(after))
}

interface StoreDeps {
  database: Database<ReturnType<typeof createSearchWrites>>
  reads: SearchReads
  /** Whether anybody waits for a write. */
  isBusy(): boolean
}

export function createSearchStore({ database, reads, isBusy }: StoreDeps): SearchStore {
  const { read, write } = database

  /**
   * Leaves others, while there are any, most of the writer's time: the index gets late rather than those who send. A portion is short
   * enough for one who comes while it is done.
   */
  async function gently<T>(portion: () => Promise<T>): Promise<T> {
    const began = performance.now()
    const result = await portion()
    if (isBusy()) await sleep((performance.now() - began) * shareOfOthers)
    return result
  }

  return {
    async put(messageIds) {
      for (let rest = messageIds; rest.length; ) rest = await gently(() => write('search.putPortion', rest))
      while (await gently(() => write('search.mergePortion')));
    },
    find: async (lookup, page) => read(() => reads(lookup, page)),
    clear: () => write('search.clear'),
  }
}
