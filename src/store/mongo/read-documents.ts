/** The documents by which it is known who has read what. */

/** How far a user has read in a group. It says nothing of one who is no member. */
export interface ReadDoc {
  /** `group_id:user_id`. */
  _id: string
  group_id: string
  user_id: string
  /** A single value, so that `$max` compares `seq` first. */
  mark: { seq: number; at: Date }
}

export const readRecordId = (groupId: string, userId: string): string => `${groupId}:${userId}`

/** The places of a group's deleted messages are in their order, so that an index counts those after one. */
export const deletedPlace = (groupId: string, seq: number): string =>
  `${groupId}:${String(seq).padStart(15, '0')}`
