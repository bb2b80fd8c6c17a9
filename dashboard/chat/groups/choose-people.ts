import type { Person } from '../../../src/client/types.ts'
import { createAvatar } from '../../parts/avatar.ts'
import { element, setText } from '../../parts/elements.ts'
import { labelledBy } from '../../parts/form-dialog.ts'
import { iconButton } from '../../parts/icon.ts'
import { markOption } from '../../parts/options.ts'

/** A combobox that finds people by the beginnings of their names (WAI-ARIA: editable combobox with list autocomplete). */
export interface ChoosePeople {
  readonly element: HTMLElement
  /** Whoever was chosen, and whom the text that is left names. Rejects when it names nobody. */
  chosen(): Promise<readonly Person[]>
}

interface Deps {
  readonly label: string
  /** One person; else any number of them. */
  readonly isOne: boolean
  search(text: string): Promise<readonly Person[]>
  /** Gets each as soon as they are chosen; else they are gathered. */
  take?(person: Person): void
}

const pauseMs = 150
let made = 0

export function createChoosePeople({ label, isOne, search, take }: Deps): ChoosePeople {
  const id = `people-${++made}`
  let people: readonly Person[] = []
  let found: readonly Person[] = []
  let active = 0
  let asked = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const chips = element('ul', { class: 'chips', 'aria-label': 'Chosen' })
  const list = element('ul', { id, role: 'listbox', 'aria-label': label, class: 'found', hidden: true })
  const field = element('input', {
    ...{ type: 'text', role: 'combobox', autocomplete: 'off', spellcheck: 'false', dir: 'auto' },
    ...{ autocapitalize: 'none', 'aria-autocomplete': 'list', 'aria-controls': id, 'aria-expanded': 'false' },
  })
  const none = element('p', { role: 'status', class: 'none' })

  function showFound(next: readonly Person[]): void {
    found = next.filter(({ id: each }) => !people.some((person) => person.id === each))
    active = 0
    list.replaceChildren(...found.map(optionOf))
    const isOpen = found.length > 0
    list.hidden = !isOpen
    field.setAttribute('aria-expanded', String(isOpen))
    markOption(field, list, active)
  }

  const optionOf = (person: Person, at: number): HTMLElement =>
    element(
      'li',
      {
        role: 'option',
        id: `${id}-${at}`,
        // The field keeps the focus.
        onmousedown: (event: Event) => event.preventDefault(),
        onclick: () => choose(person),
      },
      createAvatar({ id: person.id, name: person.display_name, url: person.avatar_url }),
      element('span', { dir: 'auto' }, person.display_name),
      person.display_name !== person.username && element('small', {}, `@${person.username}`),
    )

  function choose(person: Person): void {
    asked++
    clearTimeout(timer)
    if (!take) people = isOne ? [person] : [...people, person]
    field.value = isOne ? person.display_name : ''
    showFound([])
    if (!isOne) showChips()
    field.focus()
    take?.(person)
  }

  function showChips(): void {
    chips.replaceChildren(
      ...people.map((person) =>
        element(
          'li',
          {},
          element('span', { dir: 'auto' }, person.display_name),
          iconButton(`Remove ${person.display_name}`, 'close', () => {
            people = people.filter((each) => each !== person)
            showChips()
            field.focus()
          }),
        ),
      ),
    )
  }

  async function look(): Promise<void> {
    clearTimeout(timer)
    const mine = ++asked
    const text = field.value.trim().replace(/^@/, '')
    if (!text) {
      setText(none, '')
      return showFound([])
    }
    const next = await search(text).catch(() => [])
    if (mine !== asked) return
    showFound(next)
    setText(none, next.length ? '' : 'Nobody is called so.')
  }

  /** Whoever types faster than the search answers gets what it finds. */
  async function chooseActive(): Promise<void> {
    if (!found.length) await look()
    const person = found[active]
    if (person) choose(person)
  }

  field.addEventListener('input', () => {
    if (isOne) people = []
    clearTimeout(timer)
    timer = setTimeout(() => void look(), pauseMs)
  })
  field.addEventListener('keydown', (event) => {
    const { key } = event
    const isOpen = found.length > 0
    if (key === 'Escape' && isOpen) showFound([])
    else if (key === 'Enter' && field.value.trim() && !(isOne && people.length)) void chooseActive()
    else if ((key === 'ArrowDown' || key === 'ArrowUp') && isOpen) {
      active = (active + (key === 'ArrowDown' ? 1 : found.length - 1)) % found.length
      markOption(field, list, active)
    } else if (key === 'Backspace' && !field.value && people.length) {
      people = people.slice(0, -1)
      showChips()
    } else return
    event.preventDefault()
    event.stopPropagation()
  })
  field.addEventListener('blur', () => showFound([]))

  return {
    element: element('div', { class: 'choose' }, labelledBy(label, field), list, none, !isOne && chips),
    async chosen() {
      const text = field.value.trim().replace(/^@/, '')
      if (!text || (isOne && people.length)) return people
      const named = await search(text)
      const exact = named.find(({ username, display_name }) =>
        [username, display_name].some((name) => name.toLowerCase() === text.toLowerCase()),
      )
      const person = exact ?? (named.length === 1 ? named[0] : undefined)
      if (!person) throw new Error(`Nobody is called ${text}.`)
      choose(person)
      return people
    },
  }
}
