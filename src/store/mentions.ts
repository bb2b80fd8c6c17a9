/** How often users are mentioned by messages of others that are not deleted. `MessageStore` keeps what is counted here. */
export interface MentionStore {
  /** The messages with a higher seq that mention the user. The cost is that of those messages, however many others there are. */
  count(userId: string, groupId: string, afterSeq: number): Promise<number>
  /** The same in many groups at once, by group; groups without any are left out. At most 1,000 groups. */
  countMany(userId: string, after: readonly ReadUpTo[]): Promise<Map<string, number>>
}

/** A place in a group's messages. */
export interface ReadUpTo {
  readonly groupId: string
  readonly seq: number
}
