import { confirm } from '../../parts/dialog.ts'
import type { Conversation } from '../model/types.ts'
import type { Page } from '../page-parts.ts'

/** Takes the direct chat out of the user's list, when the user is sure. */
export async function hideChat({ model, go }: Page, { id }: Conversation, name: string): Promise<void> {
  const isSure = await confirm(
    'Hide this chat?',
    `It comes back when you or ${name} write there again.`,
    'Hide',
  )
  if (!isSure) return
  try {
    await model.chat.groups.leave(id)
    go(null)
  } catch (error) {
    model.report(error)
  }
}
