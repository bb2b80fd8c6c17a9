import type { Message } from '../../../src/client/types.ts'
import { element, setText } from '../../parts/elements.ts'
import { addressOf } from '../address.ts'
import type { Conversation } from '../model/types.ts'
import type { Page } from '../page-parts.ts'
import { createPanel } from '../panel.ts'

/** The group's pinned messages, which lead to where they were written. */
export function openPins(page: Page, { id }: Conversation): void {
  const list = element('ul', { class: 'results' })
  const state = element('p', { role: 'status', class: 'state' }, 'Loading …')
  const panel = createPanel('Pinned messages', () => page.showPanel(null), state, list)
  page.showPanel(panel)
  panel.focus()
  page.model.chat.groups.pins(id).then(
    ({ messages }) => {
      list.replaceChildren(...messages.map((message) => pinOf(page, message)))
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

const pinOf = (
  { go }: Page,
  { id, group_id, sender, content, created_at, attachments }: Message,
): HTMLElement =>
  element(
    'li',
    {},
    element(
      'a',
      {
        href: addressOf(group_id, id),
        onclick: (event: Event) => {
          event.preventDefault()
          go(group_id, id)
        },
      },
      element(
        'span',
        { class: 'where' },
        element('b', { dir: 'auto' }, sender.display_name),
        ' · ',
        element(
          'time',
          { datetime: created_at },
          new Date(created_at).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' }),
        ),
      ),
      ' ',
      element(
        'span',
        { class: 'text', dir: 'auto' },
        content.slice(0, 300) || attachments.map(({ name }) => name).join(', '),
      ),
    ),
  )
