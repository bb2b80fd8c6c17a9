import { element } from '../parts/elements.ts'
import { iconButton } from '../parts/icon.ts'

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
      iconButton(`Close ${title.toLowerCase()}`, 'close', close),
    ),
    ...content,
  )
