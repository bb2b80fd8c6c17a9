import { element } from './elements.ts'

export interface MenuItem {
  readonly name: string
  /** Set for what is on or off. */
  readonly isChecked?: boolean
  readonly isDangerous?: boolean
  run(): void
}

/**
 * Opens a menu at the button that it belongs to, as WAI-ARIA's menu button pattern says: arrow keys, Home, End and first letters
 * move in it, Escape and a click elsewhere close it.
 */
export function openMenu(button: HTMLElement, items: readonly MenuItem[]): void {
  const menu = element('div', { role: 'menu', class: 'menu', popover: 'auto' })
  const entries = items.map(({ name, isChecked, isDangerous, run }) =>
    element(
      'button',
      {
        type: 'button',
        tabindex: -1,
        role: isChecked === undefined ? 'menuitem' : 'menuitemcheckbox',
        'aria-checked': isChecked === undefined ? null : String(isChecked),
        class: isDangerous ? 'danger' : null,
        onclick: () => {
          menu.hidePopover()
          run()
        },
      },
      name,
    ),
  )
  menu.append(...entries)
  menu.addEventListener('keydown', (event) => {
    const at = entries.indexOf(document.activeElement as HTMLButtonElement)
    const to = {
      ArrowDown: (at + 1) % entries.length,
      ArrowUp: (at - 1 + entries.length) % entries.length,
      Home: 0,
      End: entries.length - 1,
    }[event.key]
    const letter = event.key.length === 1 ? event.key.toLowerCase() : null
    const byLetter = entries.findIndex(
      ({ textContent }, i) => i > at && letter !== null && textContent?.toLowerCase().startsWith(letter),
    )
    const next = to ?? (byLetter >= 0 ? byLetter : undefined)
    if (event.key === 'Tab') menu.hidePopover()
    // It closes this menu, and nothing around it.
    if (event.key === 'Escape') event.stopPropagation()
    if (next === undefined) return
    event.preventDefault()
    entries[next]?.focus()
  })
  const closed = new AbortController()
  menu.addEventListener('toggle', (event) => {
    if ((event as ToggleEvent).newState === 'open') return
    closed.abort()
    const hadFocus = menu.contains(document.activeElement) || document.activeElement === document.body
    button.setAttribute('aria-expanded', 'false')
    menu.remove()
    if (hadFocus && button.isConnected) button.focus()
  })
  // It belongs to the part of the page that its button is in, and goes away with it.
  const around = button.closest('main, aside, .side, dialog') ?? document.body
  around.append(menu)
  button.setAttribute('aria-haspopup', 'menu')
  button.setAttribute('aria-expanded', 'true')
  menu.showPopover()
  keepAt(button, menu, closed.signal)
  entries[0]?.focus()
}

/**
 * Keeps a box that is in the top layer beside its button, however large the window becomes. In some windows its stylesheet may have
 * another place for it.
 */
export function keepAt(
  button: HTMLElement,
  box: HTMLElement,
  signal: AbortSignal,
  hasOwnPlace: () => boolean = () => false,
): void {
  const put = (): void => (hasOwnPlace() ? box.removeAttribute('style') : place(box, button))
  addEventListener('resize', put, { signal })
  put()
}

/** On the side where there is room, and wholly inside the window. */
function place(box: HTMLElement, button: HTMLElement): void {
  const edge = 8
  const gap = 4
  const at = button.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = box
  const below = at.bottom + gap
  const top = below + height + edge <= innerHeight ? below : Math.max(edge, at.top - gap - height)
  const left = Math.min(Math.max(edge, at.left), innerWidth - width - edge)
  Object.assign(box.style, {
    position: 'fixed',
    margin: '0',
    top: `${top}px`,
    left: `${Math.max(edge, left)}px`,
  })
}
