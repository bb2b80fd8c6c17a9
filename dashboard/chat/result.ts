import type { Message } from '../../src/client/types.ts'
import { element } from '../parts/elements.ts'
import { addressOf } from './address.ts'
import { longTime } from './groups/wording.ts'
import type { Page } from './page-parts.ts'

/** A message in a list beside the conversation, which leads to where it was written. */
export function createResult(
  { go }: Page,
  { id, group_id, sender, created_at, attachments }: Message,
  /** The group's name, where it may be another one. */
  where: string | null,
  content: readonly (Node | string)[],
): HTMLElement {
  const name = element('bdi', {}, sender.display_name)
  return element(
    'li',
    {},
    element(
      'a',
      {
        href: addressOf(group_id, id),
        onclick: (event: MouseEvent) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return
          event.preventDefault()
          go(group_id, id)
        },
      },
      element(
        'span',
        { class: 'where' },
        where !== null && element('b', { dir: 'auto' }, where),
        where !== null && ' · ',
        name,
        ' · ',
        element('time', { datetime: created_at }, longTime(created_at)),
      ),
      ' ',
      element(
        'span',
        { class: 'text', dir: 'auto' },
        ...(content.length ? content : [attachments.map((file) => file.name).join(', ')]),
      ),
    ),
  )
}
