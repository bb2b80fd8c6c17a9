import type { ChatModel, Conversation } from '../model/types.ts'
import type { FindMention } from './format.ts'
import type { Links } from './links.ts'
import type { Quotes } from './quotes.ts'
import type { Row } from './rows.ts'

/** What the parts of an article see of what is around it. */
export interface Scene {
  readonly model: ChatModel
  readonly conversation: Conversation
  readonly links: Links
  readonly quotes: Quotes
  readonly findMention: FindMention
  /** The user's id; '' before it is known. */
  ownId(): string
  /** The name by which a user is shown here, where it is known. */
  nameOf(userId: string): string | undefined
  /** Who has read the own message that is the last one, and which row that is. */
  seenBy(row: Row): string
  /** It was jumped to just now. */
  isFound(row: Row): boolean
  /** Draws the row again in the next frame. */
  touch(row: Row): void
  /** Calls back when the element comes near to what is seen. */
  whenNear(element: Element, run: () => void): void
}
