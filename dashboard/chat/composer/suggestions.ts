import { createAvatar } from '../../parts/avatar.ts'
import { element } from '../../parts/elements.ts'
import { markOption } from '../../parts/options.ts'
import { type Mentionable, type MentionQuery, mentionAt } from './mention.ts'

export interface SuggestionsDeps {
  readonly field: HTMLTextAreaElement
  suggest(query: string): readonly Mentionable[]
  take(suggestion: Mentionable, query: MentionQuery): void
}

export interface Suggestions {
  readonly element: HTMLElement
  /** Returns whether the list needs the key; then the field must not. */
  press(event: KeyboardEvent): boolean
  /** Others can be suggested by now. */
  refresh(): void
}

let made = 0

/**
 * The list of those who may be meant by the `@word` at the caret. The focus stays in the field, which says by
 * `aria-activedescendant` what is chosen in the list.
 */
export function createSuggestions(
  { field, suggest, take }: SuggestionsDeps,
  signal: AbortSignal,
): Suggestions {
  const id = `suggestions-${++made}`
  const list = element('div', {
    id,
    role: 'listbox',
    class: 'suggestions',
    'aria-label': 'Members',
    hidden: true,
  })
  let query: MentionQuery | null = null
  let suggested: readonly Mentionable[] = []
  let active = 0
  /** Where the `@` stands whose list the user has closed: it stays closed until the next letter. */
  let unwanted: number | null = null
  field.setAttribute('aria-controls', id)

  const activate = (index: number): void => {
    active = (index + suggested.length) % suggested.length
    markOption(field, list, active)
  }
  const close = (): void => {
    query = null
    list.hidden = true
    field.removeAttribute('aria-activedescendant')
  }
  const choose = (index: number): void => {
    const suggestion = suggested[index]
    if (query && suggestion) take(suggestion, query)
    close()
  }
  const show = (): void => {
    const isHere = document.activeElement === field && field.selectionStart === field.selectionEnd
    const next = isHere ? mentionAt(field.value, field.selectionStart) : null
    if (next?.start !== unwanted) unwanted = null
    if (!next || next.start === unwanted) return close()
    const before = query?.text === next.text ? suggested[active] : undefined
    query = next
    suggested = suggest(next.text)
    if (suggested.length === 0) return close()
    list.replaceChildren(
      ...suggested.map((suggestion, index) => {
        const option = optionOf(suggestion, `${id}-${index}`)
        option.addEventListener('click', () => choose(index))
        return option
      }),
    )
    list.hidden = false
    activate(Math.max(0, before ? suggested.findIndex(({ username }) => username === before.username) : 0))
  }

  // The focus must not leave the field.
  list.addEventListener('mousedown', (event) => event.preventDefault())
  const typed = (): void => {
    unwanted = null
    show()
  }
  field.addEventListener('input', typed, { signal })
  field.addEventListener('blur', close, { signal })
  const moved = (): void => {
    if (document.activeElement !== field) return
    const at = mentionAt(field.value, field.selectionStart)
    if (at?.start !== query?.start || at?.text !== query?.text) show()
  }
  document.addEventListener('selectionchange', moved, { signal })

  return {
    element: list,
    press({ key, shiftKey }) {
      if (list.hidden || shiftKey) return false
      if (key === 'ArrowDown') activate(active + 1)
      else if (key === 'ArrowUp') activate(active - 1)
      // Where the name is written out there is nothing to take, and Enter sends.
      else if (key === 'Enter' && suggested[active]?.username === query?.text) return false
      else if (key === 'Enter' || key === 'Tab') choose(active)
      else if (key === 'Escape') {
        unwanted = query?.start ?? null
        close()
      } else return false
      return true
    },
    refresh: show,
  }
}

function optionOf(suggestion: Mentionable, id: string): HTMLElement {
  const isAll = !('user_id' in suggestion)
  const name = isAll ? 'Everybody in the group' : suggestion.display_name
  const avatar = isAll
    ? element('span', { class: 'avatar', 'aria-hidden': 'true' }, '@')
    : createAvatar({ id: suggestion.user_id, name, url: null })
  const isNamedSo = name === suggestion.username
  return element(
    'div',
    { id, role: 'option', class: 'suggestion' },
    avatar,
    element('bdi', {}, isNamedSo ? name : `@${suggestion.username}`),
    !isNamedSo && element('bdi', { class: 'dim' }, name),
  )
}
