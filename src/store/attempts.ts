import type { Budget } from '../domain/budget.ts'

/** How often something was attempted of late, over all instances, and what else is remembered for a time. Keys are digests. */
export interface AttemptStore {
  /**
   * Counts an attempt at this time against all of the budgets, or against none where one of them is used up. Resolves to how many
   * milliseconds it takes until all of them have room, 0 where it was counted. Of the attempts of one key no two have the same time.
   */
  take(budgets: readonly Budget[], at: number): Promise<number>
  /** The attempt of this time counts no more under these keys. */
  refund(keys: readonly string[], at: number): Promise<void>
  /** The key is known until then, or longer. */
  remember(key: string, until: number): Promise<void>
  isRemembered(key: string, at: number): Promise<boolean>
}
