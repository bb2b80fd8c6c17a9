import type { SearchResult } from '../../../src/client/types.ts'
import { element, setText } from '../../parts/elements.ts'
import { ticked } from '../../parts/form-dialog.ts'
import { nameOf } from '../groups/wording.ts'
import { createCell, type SettableCell } from '../model/cell.ts'
import type { Page } from '../page-parts.ts'
import { createPanel } from '../panel.ts'
import { createResult } from '../result.ts'
import { excerpt } from './highlight.ts'

/** The searchbox of the page. What is typed filters the list of groups; Enter searches the messages. */
export interface Search {
  readonly element: HTMLElement
  readonly filter: SettableCell<string>
  /** What was found is shown. */
  readonly isShown: boolean
  /** Goes to the field; `isHere`: only what is in the group that is shown is to be found. */
  begin(isHere?: boolean): void
}

export function createSearch(page: Page): Search {
  const filter = createCell('')
  const field = element('input', {
    ...{ type: 'search', 'aria-label': 'Search', placeholder: 'Search', autocomplete: 'off', dir: 'auto' },
    ...{ 'aria-keyshortcuts': 'Control+K', enterkeyhint: 'search' },
  })
  let panel: HTMLElement | null = null
  let isHere = false
  /** An answer that comes after another search was begun is of no use. */
  let searches = 0

  function end(): void {
    searches++
    field.value = ''
    filter.set('')
    isHere = false
    page.showPanel(null)
  }

  function closePanel(): void {
    end()
    field.focus()
  }

  async function search(): Promise<void> {
    const mine = ++searches
    const text = field.value.trim()
    if (!text) return
    filter.set('')
    const groupId = page.model.current.value?.id
    const list = element('ul', { class: 'results' })
    const state = element('p', { role: 'status', class: 'state' }, 'Searching …')
    const more = element('button', { type: 'button', class: 'more', hidden: true }, 'Show more results')
    const here = element('input', {
      type: 'checkbox',
      onchange: () => {
        isHere = here.checked
        void search()
      },
    })
    here.checked = isHere
    const scope = groupId ? [ticked('Only in this group', here)] : []
    panel = createPanel('Search results', closePanel, ...scope, state, list, more)
    page.showPanel(panel)

    let cursor: string | null = null
    let count = 0
    const load = async (): Promise<void> => {
      more.disabled = true
      try {
        const { results, next } = await page.model.chat.search(text, {
          limit: 20,
          ...(isHere && groupId && { group_id: groupId }),
          ...(cursor !== null && { cursor }),
        })
        if (mine !== searches) return
        cursor = next
        count += results.length
        list.append(...results.map((result) => resultOf(page, result)))
        setText(
          state,
          count
            ? `${count}${next ? '+' : ''} found`
            : 'Nothing was found. Words are found by their beginnings.',
        )
        more.hidden = next === null
      } catch (error) {
        if (mine === searches) setText(state, (error as Error).message)
      }
      more.disabled = false
    }
    more.addEventListener('click', () => void load())
    await load()
  }

  field.addEventListener('input', () => {
    filter.set(field.value)
    if (!field.value) end()
  })
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      event.preventDefault()
      end()
    } else if (event.key === 'ArrowDown') {
      event.preventDefault()
      document.querySelector<HTMLElement>('.results a, .groups a')?.focus()
    }
  })

  return {
    element: element(
      'form',
      {
        ...{ role: 'search', class: 'search' },
        onsubmit: (event: Event) => {
          event.preventDefault()
          void search()
        },
      },
      field,
    ),
    filter,
    get isShown() {
      return panel?.isConnected ?? false
    },
    begin(here = false) {
      isHere = here
      field.focus()
      field.select()
    },
  }
}

function resultOf(page: Page, { message, group, highlights }: SearchResult): HTMLElement {
  const listed = page.model.groups.value?.find(({ id }) => id === group.id)
  const name = listed ? nameOf(listed, page.partners.of(listed)) : (group.name ?? 'Direct chat')
  const pieces = excerpt(message.content, highlights)
  return createResult(
    page,
    message,
    name,
    pieces.map(({ text, isFound }) => (isFound ? element('mark', {}, text) : text)),
  )
}
