import { limits } from '../../domain/limits.ts'
import type { Message } from '../../domain/message.ts'
import { noReactions, type Reactions, reactionsOf } from '../../domain/reaction.ts'
import { type NumberedDoc, toMessage } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { readPinned } from './pinned-messages.ts'

/** The reactions to one message with one emoji. */
interface Found {
  _id: { message: string; emoji: string }
  count: number
  /** The place of the one that came first. */
  first: number
  /** Who reacted, the first at the beginning. */
  users: { rev: number; user_id: string }[]
}

/** The messages, with the reactions and pins of those that say that they have, or had, some. */
export async function toMessages(connection: Connection, docs: readonly NumberedDoc[]): Promise<Message[]> {
  const { reactions, causal } = connection
  const ids = docs.filter(showsReactions).map(({ _id }) => _id.toHexString())
  const [found, pinned] = await Promise.all([
    ids.length ? causal.read((options) => reactions.aggregate<Found>(grouping(ids), options).toArray()) : [],
    readPinned(connection, docs),
  ])
  const byMessage = Map.groupBy(found, ({ _id }) => _id.message)
  return docs.map((doc) => {
    const id = doc._id.toHexString()
    return toMessage(doc, toReactions(doc.reactions_rev, byMessage.get(id) ?? []), pinned.get(id))
  })
}

/** Of a deleted message nothing is shown. */
const showsReactions = (doc: NumberedDoc): boolean => doc.has_reactions === true && !doc.is_deleted

/** One that is being taken back may still lie there. */
const grouping = (ids: readonly string[]) => [
  { $match: { message_id: { $in: ids }, is_there: true } },
  { $addFields: { order: { $ifNull: ['$rev', Number.MAX_SAFE_INTEGER] } } },
  { $sort: { order: 1 } },
  {
    $group: {
      _id: { message: '$message_id', emoji: '$emoji' },
      count: { $sum: 1 },
      first: { $min: '$order' },
      users: { $push: { rev: '$order', user_id: '$user_id' } },
    },
  },
  { $addFields: { users: { $slice: ['$users', limits.reactionUsers] } } },
]

function toReactions(rev = 0, found: readonly Found[]): Reactions {
  const kinds = found.toSorted((a, b) => a.first - b.first)
  const all = kinds.flatMap(({ _id, users }) =>
    users.map(({ rev, user_id }) => ({ rev, emoji: _id.emoji, userId: user_id })),
  )
  const first = all.sort((a, b) => a.rev - b.rev).slice(0, limits.reactionUsers)
  const counts = kinds.map(({ _id, count }) => ({ emoji: _id.emoji, count }))
  return rev || counts.length ? reactionsOf(rev, counts, first) : noReactions
}
