/**
 * Those of these users who are in the list, which the server compares. A list that was written by hand may hold values that are no
 * text, or be no list.
 */
export const listedOf = (list: '$authorized_user_ids' | '$logged_user_ids', userIds: readonly string[]) => ({
  $cond: [{ $isArray: list }, { $setIntersection: [list, { $literal: [...userIds] }] }, []],
})
