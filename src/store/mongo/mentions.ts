import type { Filter } from 'mongodb'
import type { Mentions } from '../../domain/mention.ts'
import type { MentionStore, ReadUpTo } from '../mentions.ts'
import type { MessageDoc } from './documents.ts'
import type { Connection } from './engine/connect.ts'

/** So many groups are counted by one command. */
const groupsAtOnce = 100

/** Each message has a key for everybody whom it mentions, and an index of these keys finds those of one user in one group. */
export function createMentions({ messages, blocks, causal }: Connection): MentionStore {
  async function countSome(
    userId: string,
    after: readonly ReadUpTo[],
  ): Promise<{ _id: { group: string; sender: string }; count: number }[]> {
    return causal.read((options) =>
      messages
        .aggregate<{ _id: { group: string; sender: string }; count: number }>(
          [
            { $match: { $or: after.flatMap((mark) => mentioning(userId, mark)), ...countable(userId) } },
            { $group: { _id: { group: '$group_id', sender: '$sender_id' }, count: { $sum: 1 } } },
          ],
          options,
        )
        .toArray(),
    )
  }

  /** Those whose mentions do not count. */
  async function blockedBy(userId: string): Promise<ReadonlySet<string>> {
    const projection = { blocked_id: 1 }
    const docs = await causal.read((options) =>
      blocks.find({ user_id: userId }, { ...options, projection }).toArray(),
    )
    return new Set(docs.map(({ blocked_id }) => blocked_id))
  }

  async function countMany(userId: string, after: readonly ReadUpTo[]): Promise<Map<string, number>> {
    const parts: ReturnType<typeof countSome>[] = []
    for (let i = 0; i < after.length; i += groupsAtOnce)
      parts.push(countSome(userId, after.slice(i, i + groupsAtOnce)))
    const [blocked, found] = await Promise.all([blockedBy(userId), Promise.all(parts)])
    const counts = new Map<string, number>()
    for (const { _id, count } of found.flat())
      if (!blocked.has(_id.sender)) counts.set(_id.group, (counts.get(_id.group) ?? 0) + count)
    return counts
  }

  return {
    countMany,
    count: async (userId, groupId, seq) => (await countMany(userId, [{ groupId, seq }])).get(groupId) ?? 0,
  }
}

const countable = (userId: string): Filter<MessageDoc> => ({
  is_deleted: { $ne: true },
  sender_id: { $ne: userId },
})

/** The messages after the mark that mention this user, and those that mention all. */
const mentioning = (userId: string, { groupId, seq }: ReadUpTo): Filter<MessageDoc>[] =>
  [userId, everybody].map((whom) => ({
    mentioned: {
      $elemMatch: {
        $gt: mentionKey(groupId, whom, seq),
        $lte: mentionKey(groupId, whom, Number.MAX_SAFE_INTEGER),
      },
    },
  }))

/** The fields that keep what a message says beside its text. What it does not say has no field. */
export const mentionFields = ({ groupId, seq, senderId, mentions, mentionAll }: Mentioning) => ({
  ...(mentions.length && { mentions }),
  ...(mentionAll && { mention_all: true as const }),
  ...((mentions.length || mentionAll) && {
    mentioned: (mentionAll ? [everybody] : mentions.filter((userId) => userId !== senderId)).map((userId) =>
      mentionKey(groupId, userId, seq),
    ),
  }),
})

interface Mentioning extends Mentions {
  readonly groupId: string
  readonly seq: number
  readonly senderId: string
}

/** Stands for a user in the key of a message that mentions all; no user has this id. */
const everybody = ''

/** Keys of one user in one group sort by the messages' numbers. A line break is in no user's id. */
const mentionKey = (groupId: string, userId: string, seq: number): string =>
  `${groupId}\n${userId}\n${inOrder(seq)}`

/** The keys of those whom a message mentions, but for one user. */
export const keysWithout = (keys: readonly string[], userId: string): string[] =>
  keys.filter((key) => key.split('\n').slice(1, -1).join('\n') !== userId)

/** Sorts as text by the numbers. */
export const inOrder = (seq: number): string => String(seq).padStart(16, '0')
