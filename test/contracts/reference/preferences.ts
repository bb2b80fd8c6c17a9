import { requireMay } from '../../../src/domain/access.ts'
import { preferencesIn } from '../../../src/domain/preference.ts'
import type { PreferenceStore } from '../../../src/store/preferences.ts'
import { type Contents, showChat } from './kept.ts'

export function referencePreferences({ groups, membership, need }: Contents): PreferenceStore {
  return {
    async change(groupId, changes, by, at) {
      const found = membership(groupId, by.userId)
      requireMay('prefer', found, by, at)
      const { chosen } = need(groupId)
      const before = chosen.get(by.userId) ?? { notify: null, pinned: false, hidden: false }
      const after = { ...before, ...changes }
      chosen.set(by.userId, after)
      return { value: preferencesIn(found.group.kind, after), changes: [] }
    },
    async show(groupId) {
      const kept = groups.get(groupId)
      return kept ? showChat(kept) : []
    },
    async notifyIn(groupId) {
      const chosen = [...(groups.get(groupId)?.chosen ?? [])]
      return new Map(chosen.flatMap(([userId, { notify }]) => (notify ? [[userId, notify] as const] : [])))
    },
    async ofUser(userId, groupIds) {
      const all = groupIds.flatMap((id) => {
        const chosen = groups.get(id)?.chosen.get(userId)
        return chosen ? [[id, chosen] as const] : []
      })
      return new Map(all)
    },
  }
}
