import type { Erasure, ErasureCounts, ErasureOrder } from '../domain/erasure.ts'
import type { ReactionOf } from '../domain/reaction.ts'
import type { Written } from './written.ts'

/**
 * Users of whom nothing is to be left. An erasure is known by a digest of the user's id, which is all that stays of that here once it is
 * over. Each of the steps may be done again, whatever went wrong, and goes on where it stopped.
 */
export interface ErasureStore {
  /**
   * Begins the user's erasure, or goes on with the one that is not over, under its alias. One that is over begins anew, under the alias of
   * the order, and what it erases is added to what was erased before, unless it was taken back. From now on the user is refused.
   */
  begin(key: string, order: ErasureOrder): Promise<Erasure>
  /** Adds to what was erased. */
  count(key: string, more: Partial<ErasureCounts>): Promise<ErasureCounts>
  /** The erasure is over, and nothing here says any more whose it was. Resolves to how much was erased. */
  end(key: string): Promise<ErasureCounts>
  /** Erasures that have begun, and are neither over nor taken back. */
  unfinished(limit: number): Promise<ErasureOrder[]>
  /** The user is not refused any more, and no more is erased of them by itself. Resolves to whether they were. */
  admit(key: string): Promise<boolean>
  /** The users who were refused or admitted since `since`, the answer's `next` of before; all who are refused, without it. */
  refused(
    since: string | null,
  ): Promise<{ keys: readonly (readonly [key: string, isRefused: boolean])[]; next: string }>

  /**
   * Removes at most `limit` messages that the user sent, all of one group, as retention does, and gives them to the alias; logs
   * `messages_erased` with those that were not deleted. Resolves to how many there were; with none nothing is left.
   */
  messages(userId: string, alias: string, limit: number, at: number): Promise<Written<number>>
  /** At most `limit` reactions of the user. Those to deleted messages are gone by this. */
  reactions(userId: string, limit: number): Promise<{ found: readonly UserReaction[]; dropped: number }>
  /**
   * Removes some of what else names the user: preferences, mutes, invites, what bans and reports say, mentions in others' messages, and in
   * the groups' logs, where the alias takes their place; each group that this changes logs `group_updated`. Begins with null, goes on
   * with what it resolved to, and is done with null.
   */
  rest(userId: string, alias: string, place: string | null, at: number): Promise<Written<string | null>>
}

export interface UserReaction extends Pick<ReactionOf, 'emoji'> {
  readonly messageId: string
}
