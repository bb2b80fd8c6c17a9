import { confirm } from '../../parts/dialog.ts'
import type { Conversation } from '../model/types.ts'
import type { Page } from '../page-parts.ts'

/** Leaves the group, when the user is sure. A direct chat is hidden by that, until somebody writes there. */
export async function leave(
  { model, go }: Pick<Page, 'model' | 'go'>,
  { id, group }: Conversation,
  name: string,
): Promise<void> {
  const isDirect = group.value.kind === 'direct'
  const isSure = await (isDirect
    ? confirm('Hide this chat?', `It comes back when you or ${name} write there again.`, 'Hide')
    : confirm(`Leave ${name}?`, consequence(group.value), 'Leave'))
  if (!isSure) return
  try {
    await model.chat.groups.leave(id)
    go(null)
  } catch (error) {
    model.report(error)
  }
}

function consequence({
  visibility,
  member_count,
  role,
}: {
  visibility: string
  member_count: number
  role: string | null
}): string {
  if (member_count === 1 && role === 'owner')
    return 'You are the only member: the group is deleted with all that was written in it.'
  if (visibility === 'open') return 'The group is open: you can come back whenever you like.'
  return 'To come back, somebody has to add or to invite you.'
}
