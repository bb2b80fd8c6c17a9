import { requireMay } from '../../../src/domain/access.ts'
import { movesMark, type Reading, type ReadMark } from '../../../src/domain/read.ts'
import type { ReadStore } from '../../../src/store/reads.ts'
import { type Contents, headOf } from './kept.ts'

export function referenceReads({ groups, membership, need }: Contents): ReadStore {
  function readingOf(userId: string, groupId: string): [string, Reading][] {
    const kept = groups.get(groupId)
    if (!kept) return []
    const { seq } = headOf(kept)
    const role = kept.members.get(userId)?.role ?? null
    const readSeq = role === null ? seq : (kept.reads.get(userId)?.seq ?? 0)
    const unread = kept.messages.filter(
      (message) => message.seq > readSeq && !message.isDeleted && message.senderId !== userId,
    )
    const lastMessageAt = kept.messages.at(-1)?.createdAt ?? null
    return [[groupId, { role, seq, lastMessageAt, readSeq, unreadCount: unread.length }]]
  }

  return {
    async mark(groupId, seq, by, at) {
      requireMay('markRead', membership(groupId, by.userId), by, at)
      const kept = need(groupId)
      const present = kept.reads.get(by.userId) ?? { seq: 0, at: null }
      const isNews = movesMark(present, seq, headOf(kept).seq)
      if (isNews) kept.reads.set(by.userId, { seq, at })
      return { value: { seq: isNews ? seq : present.seq, isNews }, changes: [] }
    },
    async list(groupId, limit) {
      const marks = [...(groups.get(groupId)?.reads ?? [])].flatMap(([userId, { seq, at }]): ReadMark[] =>
        at === null ? [] : [{ userId, seq, at }],
      )
      return marks
        .sort((a, b) => b.seq - a.seq || a.at - b.at || (a.userId < b.userId ? -1 : 1))
        .slice(0, limit)
    },
    ofUser: async (userId, groupIds) => new Map(groupIds.flatMap((id) => readingOf(userId, id))),
  }
}
