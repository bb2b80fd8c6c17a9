import type { Message } from '../domain/message.ts'
import type { UserReaction } from './erasures.ts'

/**
 * What a user sent and did in all groups, also in those that they left, some at a time and in any order. It is read on as it is taken,
 * and what happens meanwhile may be in it or not.
 */
export interface ExportStore {
  /** With all that is kept of deleted ones. */
  messages(userId: string): Promise<AsyncIterable<readonly Message[]>>
  reactions(userId: string): Promise<AsyncIterable<readonly UserReaction[]>>
}
