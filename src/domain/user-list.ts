/** Lists of users: who is in them, in an order that is kept. */

/** Each user once, at their first place in the list. */
export const distinct = (userIds: readonly string[]): string[] => [...new Set(userIds)]

/** The difference of two lists of distinct users. To add a user at the end costs little, however long the list is. */
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
    /** True when the users who stayed are in the same order, with the added ones after them. */
    isAppended: inPlace.every((userId, i) => userId === present[i]),
  }
}

function without(ids: readonly string[], others: readonly string[]): string[] {
  const left = new Set(others)
  return ids.filter((id) => !left.has(id))
}
