import { element, setText } from '../../parts/elements.ts'
import type { Conversation } from '../model/types.ts'
import type { Page } from '../page-parts.ts'
import { createPanel } from '../panel.ts'
import { createResult } from '../result.ts'

/** So much of a long message. */
const shown = 300

/** The group's pinned messages, which lead to where they were written. */
export function openPins(page: Page, { id }: Conversation): void {
  const list = element('ul', { class: 'results' })
  const state = element('p', { role: 'status', class: 'state' }, 'Loading …')
  const panel = createPanel('Pinned messages', () => page.showPanel(null), state, list)
  page.showPanel(panel)
  panel.focus()
  page.model.chat.groups.pins(id).then(
    ({ messages }) => {
      list.replaceChildren(
        ...messages.map((message) =>
          createResult(page, message, null, message.content ? [message.content.slice(0, shown)] : []),
        ),
      )
      setText(
        state,
        messages.length
          ? ''
          : 'Nothing is pinned. What everybody should find again can be pinned at the message.',
      )
    },
    (error: Error) => setText(state, error.message),
  )
}
