import { createCell } from './cell.ts'
import type { Drafts, Keeping } from './types.ts'

export interface KeptDrafts extends Drafts {
  /** Reads again what is kept: another tab has changed it. */
  reread(): void
}

export const draftsKey = 'drafts'

/** All drafts lie under one key, which is read before each change, because another tab has its own in it. */
export function createDrafts(keeping: Keeping): KeptDrafts {
  const groupIds = createCell<ReadonlySet<string>>(new Set())
  let drafts = read()

  function read(): Record<string, string> {
    try {
      const value: unknown = JSON.parse(keeping.getItem(draftsKey) ?? '{}')
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
      if (Object.keys(drafts).length) keeping.setItem(draftsKey, JSON.stringify(drafts))
      else keeping.removeItem(draftsKey)
      show()
    },
  }
}
