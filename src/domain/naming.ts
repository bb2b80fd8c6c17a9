/**
 * What a group's id is made from, so that whoever asks for the same finds the same group. An id made so is used once: the groups that
 * a name has had are counted, and the count is part of the next one's id.
 */
export interface Naming {
  /** A digest of the name's parts. */
  readonly name: string
  /** How many groups of the name there were before this one. */
  readonly incarnation: number
}
