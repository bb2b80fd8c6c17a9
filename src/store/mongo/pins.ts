import { type Filter, ObjectId, type WithId } from 'mongodb'
import { requireMay } from '../../domain/access.ts'
import type { Caller } from '../../domain/caller.ts'
import { notFound } from '../../domain/errors.ts'
import { limits } from '../../domain/limits.ts'
import type { Message } from '../../domain/message.ts'
import { requireRoomForPin } from '../../domain/pin.ts'
import type { PinStore } from '../pins.ts'
import type { Written } from '../written.ts'
import { isNumbered, type NumberedDoc, type PinsDoc } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { type Logged, type Mark, markId, type Pending } from './log/pending.ts'
import type { Members } from './members.ts'
import { toMessages } from './whole-messages.ts'

export interface Pins extends Pick<PinStore, 'list'> {
  set(id: string, isPinned: boolean, by: Caller, at: number, deadline: number): Promise<Written<Message>>
}

interface Deps {
  connection: Connection
  members: Members
  pending: Pending
}

/**
 * A group's pins are one document, which is marked until its change is logged; so pins of one group are written one after the other.
 * A message that ever was pinned says so in its own document, and pins are read only of such messages.
 */
export function createPins({ connection, members, pending }: Deps): Pins {
  const { messages, pins, causal } = connection
  const marked = pending.register<PinsDoc>({
    collection: pins,
    marked: { unlogged: { $exists: true } },
    markOf,
    onLogged: (logged) => raiseRevs(connection, logged),
  })

  async function find(id: string): Promise<NumberedDoc> {
    const doc = await messages.findOne({ _id: new ObjectId(id) })
    if (!doc || !isNumbered(doc)) throw notFound('message')
    return doc
  }

  /** The message, if `by` may pin and unpin it. */
  async function findFor(id: string, by: Caller, at: number): Promise<NumberedDoc> {
    const doc = await find(id)
    await members.check(doc.group_id, by.userId, (membership) => requireMay('pin', membership, by, at))
    if (doc.is_deleted) throw notFound('message')
    return doc
  }

  /** Those of these pins whose messages are there. */
  async function living(pinned: PinsDoc['pinned']): Promise<PinsDoc['pinned']> {
    const _id = { $in: pinned.map(({ message_id }) => new ObjectId(message_id)) }
    const there = await messages
      .find({ _id, is_deleted: { $ne: true } }, { projection: { _id: 1 } })
      .map((doc) => doc._id.toHexString())
      .toArray()
    return pinned.filter(({ message_id }) => there.includes(message_id))
  }

  return {
    async set(id, isPinned, by, at, deadline) {
      let message = await find(id)
      const { changes } = await marked.write(message.group_id, deadline, {
        async read() {
          message = await findFor(id, by, at)
          const _id = message.group_id
          return (await pins.findOne({ _id })) ?? { _id, ver: 0, pinned: [] }
        },
        async next(doc) {
          if (doc.pinned.some(({ message_id }) => message_id === id) === isPinned) return null
          const others = doc.pinned.filter(({ message_id }) => message_id !== id)
          const about = { id: markId(), at: new Date(at), message_id: id, message_seq: message.seq }
          if (!isPinned) return written(doc, others, about)
          // Messages that were deleted are still in the document, and make room when it is needed.
          const kept = others.length < limits.pins ? others : await living(others)
          requireRoomForPin(kept.length)
          if (!message.was_pinned) await notePin(connection, message)
          const pinned = [...kept, { message_id: id, at: about.at }]
          return written(doc, pinned, { ...about, by: by.userId })
        },
      })
      const [value] = await toMessages(connection, [await find(id)])
      if (!value) throw notFound('message')
      return { value, changes }
    },

    async list(groupId) {
      const doc = await causal.read((options) => pins.findOne({ _id: groupId }, options))
      const ids = (doc?.pinned ?? []).map(({ message_id }) => message_id).reverse()
      if (!ids.length) return []
      const filter = { _id: { $in: ids.map((id) => new ObjectId(id)) } }
      const docs = await causal.read((options) => messages.find(filter, options).toArray())
      const found = new Map(
        (await toMessages(connection, docs.filter(isNumbered))).map((message) => [message.id, message]),
      )
      return ids.flatMap((id) => found.get(id) ?? []).filter(({ pinnedAt }) => pinnedAt !== null)
    },
  }
}

const written = (
  { _id, ver }: WithId<PinsDoc>,
  pinned: PinsDoc['pinned'],
  unlogged: NonNullable<PinsDoc['unlogged']>,
) => ({
  filter: { _id, ver } as Filter<PinsDoc>,
  set: { ver: ver + 1, pinned, unlogged },
  isNew: ver === 0,
})

/** To be called before the pin is written, so that no reader misses it. To do it again does no harm. */
async function notePin({ messages }: Connection, { _id }: NumberedDoc): Promise<void> {
  await messages.updateOne({ _id }, { $set: { was_pinned: true } })
}

/** A message knows the last change of its pin. */
async function raiseRevs({ messages }: Connection, logged: readonly Logged<PinsDoc>[]): Promise<void> {
  for (const { changes } of logged)
    for (const { messageId, rev: pin_rev } of changes)
      await messages.updateOne({ _id: new ObjectId(messageId) }, { $max: { pin_rev } })
}

function markOf({ _id, unlogged }: WithId<PinsDoc>): Mark<PinsDoc> | null {
  if (!unlogged) return null
  const { id, at, by, message_id, message_seq } = unlogged
  const key = `${_id}.${id}`
  const about = { _id: key, at, message_id, message_seq }
  return {
    key,
    groupId: _id,
    drafts: [
      by === undefined
        ? { ...about, type: 'message_unpinned' }
        : { ...about, type: 'message_pinned', data: { by } },
    ],
    filter: { _id, 'unlogged.id': id } as Filter<PinsDoc>,
    fields: ['unlogged'],
  }
}
