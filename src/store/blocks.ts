import type { Block } from '../domain/block.ts'

/** Whom users have blocked. What follows from it for a direct chat is in `Membership.isBlocked`, and for mentions in their counts. */
export interface BlockStore {
  /** Again changes nothing, and resolves to the block that there is. Throws limit_reached. */
  put(userId: string, blockedId: string, at: number): Promise<Block>
  /** Nothing happens where there is none. */
  remove(userId: string, blockedId: string): Promise<void>
  /** Those whom the user has blocked, oldest first. */
  list(userId: string): Promise<readonly Block[]>
  /** Those of these users, at most 20,000, who have blocked this one. */
  among(blockedId: string, userIds: readonly string[]): Promise<ReadonlySet<string>>
}
