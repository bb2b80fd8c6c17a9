import type { Letter, LetterCounts } from '../domain/letter.ts'

/**
 * What a receiver outside has to be told beside the logs (domain/letter.ts). One that is not dead is waiting. Where the store was
 * opened for it, a group that is deleted leaves the letter of its end, which is there if and only if the group is gone. Letters about a
 * group's entries go with the group.
 */
export interface LetterStore {
  /** Keeps these letters, in place of those of the same id. */
  put(letters: readonly Letter[]): Promise<void>
  /** Those that are there no more are passed over. */
  remove(ids: readonly string[]): Promise<void>
  /** The group's waiting letters are tried no earlier than that. */
  postpone(groupId: string, until: number): Promise<void>
  /** Groups with a letter that is due by then, those that were due first first, each once. At most `limit` letters are looked at. */
  dueGroups(by: number, limit: number): Promise<string[]>
  /** The group's waiting letters, due or not, in the order in which they are told. */
  listWaiting(groupId: string, limit: number): Promise<Letter[]>
  /** All letters, or those that are dead, or that are not, the latest to happen first. */
  list(state: 'all' | 'waiting' | 'dead', limit: number): Promise<Letter[]>
  count(): Promise<LetterCounts>
  /** Letters that are dead or wait are due at that time, as if they had not been tried; null: all. Resolves to how many. */
  retry(ids: readonly string[] | null, at: number): Promise<number>
  /** Dead letters go; null: all. Resolves to how many. */
  drop(ids: readonly string[] | null): Promise<number>
  /** Dead letters of what happened before that time go. Resolves to how many. */
  trim(before: number): Promise<number>
}
