import type { Partners } from './groups/partners.ts'
import type { ChatModel, Keeping } from './model/types.ts'

/** What the views of the page itself are given: what is known, and where one can go. */
export interface Page {
  readonly model: ChatModel
  readonly partners: Partners
  /** Of the user who is logged in. */
  readonly keeping: Keeping
  readonly ownId: string
  /** Shows this group, at this message where one is named; null: the list alone. */
  go(groupId: string | null, messageId?: string): void
  /** Shows this beside the conversation, in the place of what stood there; null: nothing. */
  showPanel(panel: HTMLElement | null): void
}
