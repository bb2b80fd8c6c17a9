import { keptSince } from '../../../src/domain/retention.ts'
import type { RetentionStore } from '../../../src/store/retention.ts'
import { type Contents, logChange, removeMessage } from './kept.ts'

export function referenceRetention(contents: Contents): RetentionStore {
  return {
    async due({ after, days, at, limit }) {
      const ids = [...contents.groups.keys()].sort().filter((id) => after === null || id > after)
      const groups = ids.slice(0, limit).flatMap((groupId) => {
        const { group, messages, cleared } = contents.need(groupId)
        const before = keptSince(group.retentionDays, days, at)
        const next = messages[cleared]
        return before !== null && next && next.createdAt < before ? [{ groupId, before }] : []
      })
      return { groups, next: ids.length > limit ? (ids[limit - 1] ?? null) : null }
    },
    async clear(groupId, before, limit, at) {
      const kept = contents.groups.get(groupId)
      if (!kept) return { value: 0, changes: [] }
      const found = kept.messages.slice(kept.cleared, kept.cleared + limit)
      const young = found.findIndex(({ createdAt }) => createdAt >= before)
      const old = young === -1 ? found : found.slice(0, young)
      const from = kept.cleared
      const removed = old.filter((message) => removeMessage(contents, message, at))
      const last = old.at(-1)
      if (last) kept.cleared = last.seq
      if (!last || !removed.length) return { value: old.length, changes: [] }
      const data = { after_seq: from, up_to_seq: last.seq }
      return { value: old.length, changes: [logChange(kept, { type: 'history_cleared', at, data })] }
    },
  }
}
