import type { LogStore } from '../../../src/store/log.ts'
import { type Contents, headOf } from './kept.ts'

export function referenceLog({ groups, all }: Contents): LogStore {
  return {
    async readHead(groupId) {
      const kept = groups.get(groupId)
      return kept ? headOf(kept) : null
    },
    async readHeads(groupIds) {
      const there = groupIds.flatMap((groupId) => groups.get(groupId) ?? [])
      return new Map(there.map((kept) => [kept.group.id, headOf(kept)]))
    },
    async read(groupId, after, limit) {
      const { messages = [], changes = [] } = groups.get(groupId) ?? {}
      return {
        messages: messages.slice(after.seq).slice(0, limit),
        changes: changes.filter(({ rev }) => rev > after.rev).slice(0, limit),
      }
    },
    readStart: async (groupId) => groups.get(groupId)?.trimmed ?? 0,
    async trim(before) {
      let dropped = 0
      for (const kept of all()) {
        for (; kept.changes.length > 1 && (kept.changes[0]?.at ?? before) < before; kept.trimmed++, dropped++)
          kept.changes.shift()
      }
      return dropped
    },
  }
}
