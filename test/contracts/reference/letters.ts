import type { Letter } from '../../../src/domain/letter.ts'
import type { LetterStore } from '../../../src/store/letters.ts'

export function referenceLetters(): LetterStore {
  const all = new Map<string, Letter>()
  const sorted = (is: (letter: Letter) => boolean) =>
    [...all.values()].filter(is).sort((a, b) => a.at - b.at || a.nth - b.nth)
  const isDead = ({ dueAt }: Letter) => dueAt === null
  const isWaiting = (letter: Letter) => !isDead(letter)
  const named = (ids: readonly string[] | null) => (letter: Letter) => !ids || ids.includes(letter.id)
  function drop(is: (letter: Letter) => boolean): number {
    const gone = sorted((letter) => isDead(letter) && is(letter))
    for (const { id } of gone) all.delete(id)
    return gone.length
  }
  return {
    async put(letters) {
      for (const letter of letters) all.set(letter.id, letter)
    },
    async remove(ids) {
      for (const id of ids) all.delete(id)
    },
    async postpone(groupId, until) {
      for (const letter of sorted((each) => each.groupId === groupId))
        if (letter.dueAt !== null && letter.dueAt < until) all.set(letter.id, { ...letter, dueAt: until })
    },
    async dueGroups(by, limit) {
      const due = sorted(({ dueAt }) => dueAt !== null && dueAt <= by)
      due.sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0))
      return [...new Set(due.slice(0, limit).map(({ groupId }) => groupId))]
    },
    listWaiting: async (groupId, limit) =>
      sorted((letter) => isWaiting(letter) && letter.groupId === groupId).slice(0, limit),
    list: async (state, limit) =>
      sorted(state === 'all' ? () => true : state === 'dead' ? isDead : isWaiting)
        .reverse()
        .slice(0, limit),
    count: async () => ({ waiting: sorted(isWaiting).length, dead: sorted(isDead).length }),
    async retry(ids, at) {
      const found = sorted(named(ids))
      for (const letter of found) all.set(letter.id, { ...letter, dueAt: at, attempts: 0, since: null })
      return found.length
    },
    drop: async (ids) => drop(named(ids)),
    trim: async (before) => drop(({ at }) => at < before),
  }
}
