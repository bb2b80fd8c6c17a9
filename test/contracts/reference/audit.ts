import type { AuditStore } from '../../../src/store/audit.ts'
import type { Contents } from './kept.ts'

export function referenceAudit({ deeds }: Contents): AuditStore {
  return {
    async add(deed) {
      deeds.push(deed)
    },
    async list({ groupId, userId, limit, before }) {
      const found = deeds
        .map((deed, n) => ({ id: `${n}`, ...deed }))
        .filter((deed) => groupId === undefined || deed.groupId === groupId)
        .filter(({ by, userId: to }) => userId === undefined || by === userId || to === userId)
        .toReversed()
        .sort((a, b) => b.at - a.at)
      const from = before === undefined ? 0 : Number(before)
      const entries = found.slice(from, from + limit)
      return { entries, next: found.length > from + limit ? `${from + limit}` : null }
    },
    async trim(before, limit) {
      const old = deeds.filter(({ at }) => at < before).slice(0, limit)
      deeds.splice(0, deeds.length, ...deeds.filter((deed) => !old.includes(deed)))
      return old.length
    },
  }
}
