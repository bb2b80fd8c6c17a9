import { element } from '../parts/elements.ts'
import { icon } from '../parts/icon.ts'

/** Something beside the conversation: what was found, pins, files. Escape closes it, and its button. */
export const createPanel = (title: string, close: () => void, ...content: Node[]): HTMLElement =>
  element(
    'section',
    {
      ...{ class: 'panel', 'aria-label': title, tabindex: -1 },
      onkeydown: (event: KeyboardEvent) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        close()
      },
    },
    element(
      'header',
      {},
      element('h2', {}, title),
      element(
        'button',
        { type: 'button', class: 'plain', 'aria-label': `Close ${title.toLowerCase()}`, onclick: close },
        icon('close'),
      ),
    ),
    ...content,
  )
