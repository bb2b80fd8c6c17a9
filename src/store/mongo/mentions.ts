import type { Filter } from 'mongodb'
import type { Mentions } from '../../domain/mention.ts'
import type { MentionStore, ReadUpTo } from '../mentions.ts'
import type { MessageDoc } from './documents.ts'
import type { Connection } from './engine/connect.ts'

/** So many groups are counted by one command. */
const groupsAtOnce = 100

/** Each message has a key for everybody whom it mentions, and an index of these keys finds those of one user in one group. */
export function createMentions({ messages, causal }: Connection): MentionStore {
  async function countSome(userId: string, after: readonly ReadUpTo[]): Promise<[string, number][]> {
    const found = await causal.read((options) =>
      messages
        .aggregate<{ _id: string; count: number }>(
          [
            { $match: { $or: after.flatMap((mark) => mentioning(userId, mark)), ...countable(userId) } },
            { $group: { _id: '$group_id', count: { $sum: 1 } } },
          ],
          options,
        )
        .toArray(),
    )
    return found.map(({ _id, count }) => [_id, count])
  }

  async function countMany(userId: string, after: readonly ReadUpTo[]): Promise<Map<string, number>> {
    const parts: Promise<[string, number][]>[] = []
    for (let i = 0; i < after.length; i += groupsAtOnce)
      parts.push(countSome(userId, after.slice(i, i + groupsAtOnce)))
    return new Map((await Promise.all(parts)).flat())
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
