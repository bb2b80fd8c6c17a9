/** The names that ids of groups are made from. `GroupStore` gives a name to a group, and counts on when that is deleted. */
export interface NameStore {
  /** How many groups of the name are gone: the incarnation of the one that it has, or will have. */
  incarnation(name: string): Promise<number>
}
