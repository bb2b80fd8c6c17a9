import { callsUser } from '../../../src/domain/mention.ts'
import type { MentionStore } from '../../../src/store/mentions.ts'
import type { Contents } from './kept.ts'

export function referenceMentions({ groups, blocks }: Contents): MentionStore {
  const count = (userId: string, groupId: string, seq: number): number =>
    (groups.get(groupId)?.messages ?? []).filter(
      (message) =>
        message.seq > seq && callsUser(message, userId) && !blocks.get(userId)?.has(message.senderId),
    ).length
  return {
    count: async (userId, groupId, seq) => count(userId, groupId, seq),
    countMany: async (userId, after) =>
      new Map(
        after
          .map(({ groupId, seq }) => [groupId, count(userId, groupId, seq)] as const)
          .filter(([, found]) => found > 0),
      ),
  }
}
