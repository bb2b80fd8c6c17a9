import { type Document, type Filter, ObjectId } from 'mongodb'
import { ChatError } from '../../domain/errors.ts'
import { termsOf } from '../../domain/search.ts'
import { isId } from '../../domain/text.ts'
import type { Lookup, LookupPage, SearchStore } from '../search.ts'
import { createdAt, isNumbered, type NumberedDoc, text } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { isOnlyDuplicates } from './engine/failure.ts'
import type { SearchDoc } from './own-documents.ts'

/** The server goes through the index of so many groups side by side; with more it would sort all that there is. */
const groupsAtOnce = 200
/** What is the rarest is found out by so many entries of each term. */
const sample = 1_000
/** Messages of one millisecond are in the order of their seq. */
const placesPerMs = 2_048

/** No word has a space in it. */
const senderTerm = (userId: string): string => ` ${userId}`
/** No user's id is empty. */
const fileTerm = senderTerm('')

const entryOf = (doc: NumberedDoc): SearchDoc => ({
  _id: doc._id,
  group_id: doc.group_id,
  place: createdAt(doc) * placesPerMs + (doc.seq % placesPerMs),
  ver: doc.ver ?? 1,
  terms: [
    senderTerm(text(doc.sender_id)),
    ...(doc.attachments?.length ? [fileTerm] : []),
    ...termsOf(text(doc.content)),
  ],
})

interface Place {
  place: number
  id: ObjectId
}

/** What was found in some groups, and down to which place all was looked at; null when all was. */
interface Part {
  found: Place[]
  down: Place | null
}

export function createSearch({ search, messages, causal }: Connection): SearchStore {
  /** The entries with one term, newest first: an index has them in this order. */
  const entries = (groupIds: readonly string[], term: string, { from, until }: Lookup, after: Place | null) =>
    ({
      group_id: groupIds.length === 1 ? groupIds[0] : { $in: groupIds },
      terms: term,
      place: {
        $gte: (from ?? Number.NEGATIVE_INFINITY) * placesPerMs,
        $lte: Math.min(
          after?.place ?? Number.POSITIVE_INFINITY,
          ((until ?? Number.POSITIVE_INFINITY) + 1) * placesPerMs,
        ),
      },
      ...(after && { $nor: [{ place: after.place, _id: { $gte: after.id } }] }),
    }) as Filter<SearchDoc>
  const newestFirst = { place: -1, _id: -1 } as const

  async function nth(filter: Filter<SearchDoc>, n: number): Promise<Place | null> {
    const options = { projection: { place: 1 }, sort: newestFirst, skip: n - 1, limit: 1 }
    const [doc] = await causal.read((causally) => search.find(filter, { ...causally, ...options }).toArray())
    return doc ? { place: doc.place, id: doc._id } : null
  }

  /** The term whose entries reach back the farthest. */
  async function rarest(
    terms: readonly string[],
    filterOf: (term: string) => Filter<SearchDoc>,
  ): Promise<string> {
    if (terms.length === 1) return terms[0] as string
    const reach = await Promise.all(terms.map((term) => nth(filterOf(term), sample)))
    const places = reach.map((place) => place?.place ?? Number.NEGATIVE_INFINITY)
    return terms[places.indexOf(Math.min(...places))] as string
  }

  async function findIn(
    groupIds: readonly string[],
    lookup: Lookup,
    page: LookupPage,
    after: Place | null,
  ): Promise<Part> {
    const { senderId, hasFile, none } = lookup
    const terms = [
      ...(senderId === undefined ? [] : [senderTerm(senderId)]),
      ...(hasFile ? [fileTerm] : []),
      ...lookup.all,
    ]
    const filterOf = (term: string) => entries(groupIds, term, lookup, after)
    const filter = filterOf(await rarest(terms, filterOf))
    const pipeline: Document[] = [
      { $match: filter },
      { $sort: newestFirst },
      // What comes after the limit is looked for in so many entries.
      { $limit: page.looks },
      { $match: { terms: { $all: terms, $nin: none } } },
      { $limit: page.limit },
      { $project: { place: 1 } },
    ]
    const docs = await causal.read((options) => search.aggregate<SearchDoc>(pipeline, options).toArray())
    const found = docs.map(({ place, _id }) => ({ place, id: _id }))
    const last = found.length === page.limit ? found.at(-1) : undefined
    return { found, down: last ?? (await nth(filter, page.looks)) }
  }

  return {
    async put(messageIds) {
      const ids = messageIds.map((id) => new ObjectId(id))
      const docs = await causal.read((options) => messages.find({ _id: { $in: ids } }, options).toArray())
      const there = docs.filter(isNumbered).filter(({ is_deleted }) => is_deleted !== true)
      const gone = new Set(messageIds)
      for (const { _id } of there) gone.delete(_id.toHexString())
      const writes = there.map((doc) => {
        const { _id, ...entry } = entryOf(doc)
        // Who read the message before may write after us.
        return {
          updateOne: { filter: { _id, ver: { $lte: entry.ver } }, update: { $set: entry }, upsert: true },
        }
      })
      const removals = [...gone].map((id) => ({ deleteOne: { filter: { _id: new ObjectId(id) } } }))
      try {
        if (messageIds.length) await search.bulkWrite([...writes, ...removals], { ordered: false })
      } catch (error) {
        // Somebody wrote a later entry.
        if (!isOnlyDuplicates(error)) throw error
      }
    },

    async find(lookup, page) {
      const after = placeOf(page.after)
      const parts: Part[] = []
      for (let at = 0; at < lookup.groupIds.length; at += groupsAtOnce)
        parts.push(await findIn(lookup.groupIds.slice(at, at + groupsAtOnce), lookup, page, after))
      const found = parts.flatMap((part) => part.found).sort(compare)
      // Below where one part ended it is not known what is there.
      const end = parts.flatMap(({ down }) => (down ? [down] : [])).sort(compare)[0] ?? null
      const sure = end ? found.filter((each) => compare(each, end) <= 0) : found
      const shown = sure.slice(0, page.limit)
      const next = shown.length < sure.length ? shown.at(-1) : end
      return {
        found: shown.map((each) => ({ messageId: hex(each), place: told(each) })),
        next: next ? told(next) : null,
      }
    },

    async clear() {
      await search.deleteMany({})
    },
  }
}

/** Newest first. */
const compare = (a: Place, b: Place): number =>
  b.place - a.place || (hex(a) < hex(b) ? 1 : hex(a) > hex(b) ? -1 : 0)

const hex = ({ id }: Place): string => id.toHexString()
const told = (place: Place): string => `${place.place}.${hex(place)}`

function placeOf(after: string | null): Place | null {
  if (after === null) return null
  const [place = '', id = ''] = after.split('.')
  if (!/^-?\d{1,16}$/.test(place) || !isId(id))
    throw new ChatError('malformed', 'This is no place in a search.')
  return { place: Number(place), id: new ObjectId(id) }
}
