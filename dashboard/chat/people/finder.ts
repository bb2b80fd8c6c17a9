import { createAvatar } from '../../parts/avatar.ts'
import { element, setText } from '../../parts/elements.ts'

export interface Findable {
  readonly id: string
  readonly username: string
  readonly display_name: string
  readonly avatar_url: string | null
}

export interface FinderDeps {
  readonly label: string
  search(query: string): Promise<readonly Findable[]>
  choose(person: Findable): void
}

const pauseMs = 200
let made = 0

/** A combobox that finds people by the beginnings of their names, and is emptied when one is chosen. */
export function createFinder({ label, search, choose }: FinderDeps, signal: AbortSignal): HTMLElement {
  const id = `finder-${++made}`
  const list = element('div', {
    id: `${id}-list`,
    role: 'listbox',
    class: 'finder-list',
    'aria-label': label,
    hidden: true,
  })
  const none = element('p', { role: 'status', class: 'dim finder-none' })
  const field = element('input', {
    id,
    type: 'text',
    role: 'combobox',
    autocomplete: 'off',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': list.id,
    placeholder: 'Name',
  })
  let found: readonly Findable[] = []
  let active = 0
  let asked = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const activate = (index: number): void => {
    active = (index + found.length) % found.length
    for (const [i, option] of [...list.children].entries()) {
      option.setAttribute('aria-selected', String(i === active))
      if (i === active) option.scrollIntoView({ block: 'nearest' })
    }
    field.setAttribute('aria-activedescendant', `${id}-${active}`)
  }
  const show = (people: readonly Findable[]): void => {
    found = people
    list.hidden = people.length === 0
    field.setAttribute('aria-expanded', String(!list.hidden))
    field.removeAttribute('aria-activedescendant')
    list.replaceChildren(
      ...people.map(({ id: userId, username, display_name: name, avatar_url: url }, index) =>
        element(
          'div',
          { id: `${id}-${index}`, role: 'option', class: 'suggestion', onclick: () => take(index) },
          createAvatar({ id: userId, name, url }),
          element('bdi', {}, name),
          name !== username && element('bdi', { class: 'dim' }, `@${username}`),
        ),
      ),
    )
    if (people.length > 0) activate(0)
  }
  const take = (index: number): void => {
    const person = found[index]
    if (!person) return
    field.value = ''
    show([])
    field.focus()
    choose(person)
  }
  const look = async (query: string): Promise<void> => {
    const mine = ++asked
    const people = query ? await search(query).catch(() => []) : []
    if (signal.aborted || mine !== asked) return
    show(people)
    setText(none, query && people.length === 0 ? 'Nobody of that name' : '')
  }

  list.addEventListener('pointerdown', (event) => event.preventDefault())
  field.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(() => void look(field.value.trim()), pauseMs)
  })
  field.addEventListener('keydown', (event) => {
    if (event.isComposing || list.hidden) return
    if (event.key === 'ArrowDown') activate(active + 1)
    else if (event.key === 'ArrowUp') activate(active - 1)
    else if (event.key === 'Enter') take(active)
    else if (event.key === 'Escape') show([])
    else return
    event.preventDefault()
  })
  signal.addEventListener('abort', () => clearTimeout(timer))

  return element('div', { class: 'finder' }, element('label', { for: id }, label), field, list, none)
}
