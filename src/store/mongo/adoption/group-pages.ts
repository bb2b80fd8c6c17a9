import type { Filter, ObjectId } from 'mongodb'
import type { GroupDoc } from '../documents.ts'
import type { Connection } from '../engine/connect.ts'

/** The ids of all groups, in their order, `size` at a time. An index has them. */
export async function* groupPages({ groups }: Connection, size: number): AsyncIterable<ObjectId[]> {
  for (let last: ObjectId | undefined; ; ) {
    const filter = { _id: { $type: 'objectId', ...(last && { $gt: last }) } } as Filter<GroupDoc>
    const docs = await groups
      .find(filter, { projection: { _id: 1 }, sort: { _id: 1 }, limit: size })
      .toArray()
    if (docs.length) yield docs.map(({ _id }) => _id)
    if (docs.length < size) return
    last = docs.at(-1)?._id
  }
}
