import { openDialog } from '../../parts/dialog.ts'
import { element, setText } from '../../parts/elements.ts'
import { keepAt } from '../../parts/menu.ts'
import { type EmojiGroup, findEmoji } from './find.ts'
import { moveInGrid } from './grid.ts'
import { recentEmoji, rememberEmoji } from './recent.ts'

const phone = matchMedia('(max-width: 720px)')

/** Lets the user choose one at the button. Resolves with null when none is wanted; the focus is where it was then. */
export function chooseEmoji(button: HTMLElement): Promise<string | null> {
  return new Promise((resolve) => {
    let chosen: string | null = null
    const recent = usedLast()
    const none = element('p', { role: 'status', class: 'emoji-none' })
    const grid = element('div', { class: 'emoji-grid' })
    const search = element('input', {
      type: 'search',
      'aria-label': 'Find emoji',
      placeholder: 'Find emoji',
      autocomplete: 'off',
    })

    const cells = (): HTMLButtonElement[] => [...grid.querySelectorAll('button')]
    const focus = (cell: HTMLButtonElement | undefined): void => {
      if (!cell) return
      for (const other of grid.querySelectorAll('[tabindex="0"]')) other.setAttribute('tabindex', '-1')
      cell.tabIndex = 0
      cell.focus()
      cell.scrollIntoView({ block: 'nearest' })
    }
    const show = (): void => {
      const groups = findEmoji(search.value, recent)
      grid.replaceChildren(...groups.map(section))
      const first = grid.querySelector('button')
      if (first) first.tabIndex = 0
      grid.scrollTop = 0
      setText(none, first ? '' : 'There is none of that name')
    }

    const { element: dialog, close } = openDialog({ title: 'Emoji', className: 'emoji' }, () => [
      search,
      grid,
      none,
    ])
    const take = (emoji: string): void => {
      chosen = emoji
      close()
    }

    search.addEventListener('input', show)
    search.addEventListener('keydown', (event) => {
      if (event.isComposing) return
      if (event.key === 'ArrowDown') focus(cells()[0])
      // Else the first Escape would only empty the field.
      else if (event.key === 'Escape') close()
      else if (event.key === 'Enter') grid.querySelector('button')?.click()
      else return
      event.preventDefault()
    })
    grid.addEventListener('click', (event) => {
      const cell = (event.target as HTMLElement).closest('button')
      if (cell) take(cell.textContent ?? '')
    })
    grid.addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      const all = cells()
      const at = all.indexOf(document.activeElement as HTMLButtonElement)
      const sizes = [...grid.children].map((group) => group.querySelectorAll('button').length)
      const to = moveInGrid(sizes, columnsOf(grid), at, event.key)
      if (to !== null) focus(all[to])
      else if (event.key === 'ArrowUp') search.focus()
      // A letter goes on with the search, and a press of it is not lost.
      else if (event.key.length === 1 && event.key !== ' ') return search.focus()
      else return
      event.preventDefault()
    })
    const closed = new AbortController()
    dialog.addEventListener('close', () => {
      closed.abort()
      if (chosen) remember(chosen)
      resolve(chosen)
    })

    show()
    // On a phone it lies at the lower edge, by its stylesheet, and the keyboard stays away until the search is touched.
    keepAt(button, dialog, closed.signal, () => phone.matches)
    if (matchMedia('(pointer: coarse)').matches) grid.querySelector('button')?.focus()
  })
}

const section = ({ name, entries }: EmojiGroup): HTMLElement =>
  element(
    'section',
    { 'aria-label': name },
    element('h3', {}, name),
    element(
      'div',
      { class: 'emoji-cells' },
      ...entries.map(({ emoji, words }) =>
        element('button', { type: 'button', class: 'plain', tabindex: -1, title: words.join(', ') }, emoji),
      ),
    ),
  )

function columnsOf(grid: HTMLElement): number {
  const cells = grid.querySelector('.emoji-cells')
  return cells ? getComputedStyle(cells).gridTemplateColumns.split(' ').length : 1
}

/** Where the browser refuses to keep anything there are none. */
function usedLast(): readonly string[] {
  try {
    return recentEmoji(localStorage)
  } catch {
    return []
  }
}

function remember(emoji: string): void {
  try {
    rememberEmoji(localStorage, emoji)
  } catch {
    // It is a convenience: the choice itself is made.
  }
}
