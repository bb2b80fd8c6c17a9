/** Lists of users: who is in them, in an order that is kept. */

/** Each once, at their first place. */
export const distinct = (userIds: readonly string[]): string[] => [...new Set(userIds)]

/** What two lists of distinct users differ in. Who comes last in a long list costs no more than in a short one. */
export function difference(before: readonly string[], after: readonly string[]) {
  let same = 0
  while (same < before.length && before[same] === after[same]) same++
  const [old, present] = [before.slice(same), after.slice(same)]
  const added = without(present, old)
  const removed = without(old, present)
  const inPlace = [...without(old, removed), ...added]
  return {
    added,
    removed,
    isSame: old.length === 0 && present.length === 0,
    /** Who stayed keeps the order, and who was added comes after them. */
    isAppended: inPlace.every((userId, i) => userId === present[i]),
  }
}

function without(ids: readonly string[], others: readonly string[]): string[] {
  const left = new Set(others)
  return ids.filter((id) => !left.has(id))
}
