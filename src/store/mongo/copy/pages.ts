import { type Collection, type Filter, ObjectId, type OptionalUnlessRequiredId, type WithId } from 'mongodb'
import { isId } from '../../../domain/text.ts'
import { distinct } from '../../../domain/user-list.ts'
import type { Page } from '../../copy/side.ts'
import type { Connection } from '../engine/connect.ts'
import { isOnlyDuplicates } from '../engine/failure.ts'

/** So many documents are read, and written, at a time. */
export const pageSize = 1_000

/** Lists of documents in an order that an index has. One cursor is read through. */
export async function* listsOf<Doc extends { _id: unknown }>(
  collection: Collection<Doc>,
  filter: object,
  sort: Readonly<Record<string, 1>>,
  size = pageSize,
  projection?: object,
): AsyncIterable<WithId<Doc>[]> {
  const cursor = collection.find(filter as Filter<Doc>, {
    sort: { ...sort },
    batchSize: size,
    ...(projection && { projection }),
  })
  try {
    let list: WithId<Doc>[] = []
    for await (const doc of cursor) {
      list.push(doc)
      if (list.length < size) continue
      yield list
      list = []
    }
    if (list.length) yield list
  } finally {
    await cursor.close()
  }
}

/** Pages of all documents in the order of their ids, which are text. `read` makes the records of some of them. */
export async function* pagesById<Doc extends { _id: string }, T>(
  collection: Collection<Doc>,
  after: string | null,
  filter: object,
  read: (docs: WithId<Doc>[]) => Promise<T[]> | T[],
  size = pageSize,
): AsyncIterable<Page<T>> {
  const beyond = after === null ? {} : { _id: { $gt: after } }
  for await (const docs of listsOf(collection, { ...beyond, ...filter }, { _id: 1 }, size))
    yield { records: await read(docs), last: String(docs.at(-1)?._id) }
}

/** Pages of a log, group by group, in the order of its numbers. */
export async function* pagesOfLog<Doc extends { _id: unknown; group_id: string }, T>(
  collection: Collection<Doc>,
  number: 'seq' | 'rev',
  after: string | null,
  read: (docs: WithId<Doc>[]) => Promise<T[]>,
): AsyncIterable<Page<T>> {
  const [groupId = '', last = '0'] = after?.split(':') ?? []
  const beyond = { $or: [{ group_id: { $gt: groupId } }, { [number]: { $gt: Number(last) } }] }
  const filter = { group_id: { $gte: groupId }, [number]: { $gt: 0 }, ...(after !== null && beyond) }
  for await (const docs of listsOf(collection, filter, { group_id: 1, [number]: 1 })) {
    const end = docs.at(-1) as { group_id: string } & Record<string, unknown>
    yield { records: await read(docs), last: `${end.group_id}:${end[number]}` }
  }
}

/** Those of the documents whose groups are there. */
export async function ofLivingGroups<Doc extends { group_id: string }>(
  { groups }: Pick<Connection, 'groups'>,
  docs: readonly Doc[],
): Promise<Doc[]> {
  const ids = distinct(docs.map(({ group_id }) => group_id)).filter(isId)
  const _id = { $in: ids.map((id) => new ObjectId(id)) }
  const found = await groups.find({ _id }, { projection: { _id: 1 } }).toArray()
  const living = new Set(found.map((doc) => doc._id.toHexString()))
  return docs.filter(({ group_id }) => living.has(group_id))
}

/** Inserts the documents; those that are there were inserted before a copy was cut. */
export async function insertAll<Doc extends object>(
  collection: Collection<Doc>,
  docs: readonly Doc[],
): Promise<void> {
  if (!docs.length) return
  try {
    await collection.insertMany(docs as unknown as OptionalUnlessRequiredId<Doc>[], { ordered: false })
  } catch (error) {
    if (!isOnlyDuplicates(error)) throw error
  }
}
