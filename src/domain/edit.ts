import { type Message, type MessageEdit, requireText } from './message.ts'
import { canonicalJson } from './send-hash.ts'

const fields = ['content', 'mentions', 'metadata'] as const

/** What an edit of a message writes: those of its fields that are to differ. */
export type MessagePatch = Partial<Pick<Message, (typeof fields)[number]>>

/** null when the message is already as the edit wants it. Throws invalid where the edit leaves nothing. */
export function changesBy(
  edit: MessageEdit,
  message: Pick<Message, (typeof fields)[number] | 'attachments'>,
): MessagePatch | null {
  if (edit.content !== undefined) requireText(edit.content, message.attachments)
  const changed = fields.filter(
    (field) => edit[field] !== undefined && canonicalJson(edit[field]) !== canonicalJson(message[field]),
  )
  return changed.length ? Object.fromEntries(changed.map((field) => [field, edit[field]])) : null
}

/** True when the edit says nothing of what can be edited. */
export const saysNothing = (edit: MessageEdit): boolean => fields.every((field) => edit[field] === undefined)
