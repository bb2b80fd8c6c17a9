import { createCell } from './cell.ts'
import type { Drafts, Keeping } from './types.ts'

export interface KeptDrafts extends Drafts {
  /** Reads again what is kept: another tab has changed it, or the user is known now. */
  reread(): void
}

export const draftsKey = (userId: string): string => `chat-api.drafts ${userId}`

/** All drafts of a user lie under one key, which is read before each change, because another tab has its own in it. */
export function createDrafts(keeping: Keeping, ownId: () => string): KeptDrafts {
  const groupIds = createCell<ReadonlySet<string>>(new Set())
  let drafts = read()

  function read(): Record<string, string> {
    try {
      const value: unknown = JSON.parse(keeping.getItem(draftsKey(ownId())) ?? '{}')
      return value && typeof value === 'object' ? (value as Record<string, string>) : {}
    } catch {
      return {}
    }
  }

  function show(): void {
    const ids = Object.keys(drafts)
    const before = groupIds.value
    if (ids.length !== before.size || ids.some((id) => !before.has(id))) groupIds.set(new Set(ids))
  }

  function reread(): void {
    drafts = read()
    show()
  }

  show()
  return {
    groupIds,
    reread,
    get: (groupId) => drafts[groupId] ?? '',
    set(groupId, text) {
      drafts = read()
      if ((drafts[groupId] ?? '') === text) return
      if (text.trim()) drafts[groupId] = text
      else delete drafts[groupId]
      const key = draftsKey(ownId())
      if (Object.keys(drafts).length) keeping.setItem(key, JSON.stringify(drafts))
      else keeping.removeItem(key)
      show()
    },
  }
}
