import { type Collection, type Document, ObjectId } from 'mongodb'
import type { OpenGroup } from '../../store.ts'
import { isNumbered, toChange, toMessage } from '../documents.ts'
import type { Connection } from '../engine/connect.ts'
import { membersOf } from '../group-documents.ts'
import { isSame } from '../group-marks.ts'
import type { StreamEvents } from './streams.ts'

/** One query asks for so many groups, each of which has one small document in the answer. */
const groupsAtOnce = 1_000
/** One answer has so many messages or changes at most. */
const entriesAtOnce = 500
/** A group that had all entries that were asked for is asked for so many times as many. */
const growth = 10

interface Known {
  /** The `ver` of the group's document, which each change of ours raises. */
  ver: number | undefined
  /** The members, when somebody edited them by hand and the log has other ones. */
  members: string[] | undefined
  /** The group's head when there was nothing to read up to it, because the messages were removed by hand. */
  empty: number
}

interface Deps {
  connection: Connection
  openGroups(): Iterable<OpenGroup>
  events: Pick<StreamEvents, 'message' | 'change' | 'group'>
}

/**
 * For servers without change streams: reads what is new in the groups that somebody listens to. A few queries ask for
 * all groups, by the number that comes next in each, which an index has or not. Signals do not travel this way.
 */
export function createPoll({ connection, openGroups, events }: Deps): () => Promise<void> {
  const { groups, messages, changes, heads } = connection
  let known = new Map<string, Known>()

  const knownOf = (groupId: string): Known => {
    const found = known.get(groupId) ?? { ver: undefined, members: undefined, empty: 0 }
    known.set(groupId, found)
    return found
  }

  /** Looks for changes of who may listen. Hand edits raise no `ver`, so the server compares the lists, which may be long. */
  async function lookAtGroups(ids: readonly string[]): Promise<void> {
    const edited = { $ne: ['$authorized_user_ids', '$logged_user_ids'] }
    const docs = await groups
      .aggregate<{ _id: ObjectId; ver?: number; edited: boolean }>(
        [{ $match: { _id: { $in: ids.map((id) => new ObjectId(id)) } } }, { $project: { ver: 1, edited } }],
        { batchSize: groupsAtOnce },
      )
      .toArray()
    const found = new Map(docs.map((doc) => [doc._id.toHexString(), doc]))
    const byHand: string[] = []
    for (const id of ids) {
      const doc = found.get(id)
      if (!doc) {
        events.group(id, 'deleted')
        continue
      }
      const before = known.get(id)
      const now = knownOf(id)
      if (before && before.ver !== doc.ver) events.group(id, 'changed')
      now.ver = doc.ver
      if (doc.edited) byHand.push(id)
      else now.members = undefined
    }
    if (byHand.length) await compareMembers(byHand)
  }

  /** Tells an edit once only, because the log never tells one that just changed the order of the list. */
  async function compareMembers(ids: readonly string[]): Promise<void> {
    const filter = { _id: { $in: ids.map((id) => new ObjectId(id)) } }
    for await (const doc of groups.find(filter, { projection: { authorized_user_ids: 1 } })) {
      const group = knownOf(doc._id.toHexString())
      const members = membersOf(doc)
      if (!group.members || !isSame(group.members, members)) events.group(doc._id.toHexString(), 'changed')
      group.members = members
    }
  }

  /** Tells the entries after each group's number, as far as the numbers go on. Resolves to the groups that had any. */
  async function follow<Doc extends Document & { slot?: string }>(
    collection: Collection<Doc>,
    after: ReadonlyMap<string, number>,
    emit: (doc: Doc) => void,
  ): Promise<Set<string>> {
    const active = new Set<string>()
    let next = [...after]
    for (let width = 1; next.length; width = Math.min(width * growth, entriesAtOnce)) {
      const more: [string, number][] = []
      for (const some of chunks(next, Math.floor(entriesAtOnce / width))) {
        const slots = some.flatMap(([groupId, number]) =>
          Array.from({ length: width }, (_, i) => `${groupId}:${number + 1 + i}`),
        )
        const filter = { slot: { $in: slots } } as object
        const docs = (await collection.find(filter, { batchSize: entriesAtOnce }).toArray()) as Doc[]
        const bySlot = new Map(docs.map((doc) => [doc.slot, doc]))
        for (const [groupId, number] of some) {
          let last = number
          for (
            let doc = bySlot.get(`${groupId}:${last + 1}`);
            doc;
            doc = bySlot.get(`${groupId}:${last + 1}`)
          ) {
            emit(doc)
            last++
          }
          if (last > number) active.add(groupId)
          if (last === number + width) more.push([groupId, last])
        }
      }
      next = more
    }
    return active
  }

  /** Where the next number is missing and there are higher ones, tells one of them, so that its listener reads the log. */
  async function lookBeyondHoles(quiet: ReadonlyMap<string, number>): Promise<void> {
    const ids = [...quiet.keys()]
    const docs = await heads.find({ _id: { $in: ids } }, { batchSize: groupsAtOnce }).toArray()
    for (const { _id: groupId, seq: head = 0 } of docs) {
      const seq = quiet.get(groupId) ?? 0
      const group = knownOf(groupId)
      if (head <= seq || head === group.empty) continue
      const above = { group_id: groupId, seq: { $gt: seq } }
      const doc = await messages.findOne(above, { sort: { seq: 1 } })
      if (doc && isNumbered(doc)) events.message(toMessage(doc))
      else group.empty = head
    }
  }

  return async function poll() {
    const open = [...openGroups()]
    const isOpen = new Set(open.map(({ groupId }) => groupId))
    known = new Map([...known].filter(([groupId]) => isOpen.has(groupId)))
    for (const some of chunks(open, groupsAtOnce)) {
      const ids = some.map(({ groupId }) => groupId)
      const seqs = new Map(some.map(({ groupId, at }) => [groupId, at.seq]))
      const revs = new Map(some.map(({ groupId, at }) => [groupId, at.rev]))
      await lookAtGroups(ids)
      const active = await follow(messages, seqs, (doc) => {
        if (isNumbered(doc)) events.message(toMessage(doc))
      })
      await follow(changes, revs, (doc) => events.change(toChange(doc)))
      await lookBeyondHoles(new Map([...seqs].filter(([groupId]) => !active.has(groupId))))
    }
  }
}

function* chunks<T>(items: readonly T[], size: number): Iterable<T[]> {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size)
}
