import { element, setText } from '../../parts/elements.ts'
import { icon } from '../../parts/icon.ts'

/** The way back to the newest message, for who is not there. */
export function createJump(go: () => void): {
  readonly element: HTMLElement
  /** How many came meanwhile; null: the newest one is seen, and there is no way to go. */
  show(fresh: number | null): void
} {
  const count = element('span', { class: 'count' })
  const button = element('button', { type: 'button', class: 'jump', onclick: go }, icon('down'), count)
  button.hidden = true
  return {
    element: button,
    show(fresh) {
      button.hidden = fresh === null
      if (fresh === null) return
      setText(count, fresh > 0 ? String(fresh) : '')
      const name = fresh > 0 ? `Jump to newest, ${fresh} new` : 'Jump to newest'
      if (button.ariaLabel !== name) button.ariaLabel = name
    },
  }
}
