import type { AttemptStore } from '../../../src/store/attempts.ts'

export function referenceAttempts(): AttemptStore {
  const all: { key: string; at: number }[] = []
  const known = new Map<string, number>()
  return {
    async take(budgets, at) {
      const missing = budgets.map(({ key, most, windowMs }) => {
        const times = all.filter((each) => each.key === key).map((each) => each.at)
        const oldest = times.sort((a, b) => b - a)[most - 1]
        return oldest === undefined ? 0 : Math.max(0, oldest + windowMs - at)
      })
      const longest = Math.max(0, ...missing)
      if (longest === 0) all.push(...budgets.map(({ key }) => ({ key, at })))
      return longest
    },
    async refund(keys, at) {
      for (const key of keys) {
        const found = all.findIndex((each) => each.key === key && each.at === at)
        if (found >= 0) all.splice(found, 1)
      }
    },
    async remember(key, until) {
      known.set(key, Math.max(known.get(key) ?? 0, until))
    },
    isRemembered: async (key, at) => (known.get(key) ?? 0) > at,
  }
}
