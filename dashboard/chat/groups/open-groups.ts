import type { Group } from '../../../src/client/types.ts'
import { createAvatar } from '../../parts/avatar.ts'
import { openDialog } from '../../parts/dialog.ts'
import { element, setText } from '../../parts/elements.ts'
import { labelledBy } from '../../parts/form-dialog.ts'
import type { Page } from '../page-parts.ts'
import { counted } from './wording.ts'

/** The groups that everybody may join. */
export function openOpenGroups(page: Page): void {
  const { chat } = page.model
  const list = element('ul', { class: 'open-groups' })
  const state = element('p', { role: 'status' })
  const more = element('button', { type: 'button', hidden: true, onclick: () => void load() }, 'Show more')
  const field = element('input', { type: 'text', autocomplete: 'off', dir: 'auto' })
  let next = 1
  let asked = 0

  async function load(): Promise<void> {
    const mine = ++asked
    try {
      const q = field.value.trim()
      const { groups, has_more } = await chat.groups.list({
        ...{ scope: 'open', sort: 'activity', page: next, page_size: 30 },
        ...(q && { q }),
      })
      if (mine !== asked) return
      if (next === 1) list.replaceChildren()
      next++
      list.append(...groups.map(lineOf))
      more.hidden = !has_more
      setText(
        state,
        list.children.length ? '' : q ? 'No open group is called so.' : 'There are no open groups.',
      )
    } catch (error) {
      setText(state, (error as Error).message)
    }
  }

  async function enter(group: Group, button: HTMLButtonElement): Promise<void> {
    button.disabled = true
    try {
      if (!group.is_member) await chat.groups.join(group.id)
      await page.model.adopt(group.id)
      dialog.close()
      page.go(group.id)
    } catch (error) {
      setText(state, (error as Error).message)
      button.disabled = false
    }
  }

  function lineOf(group: Group): HTMLElement {
    const { id, name, description, member_count, avatar_url } = group
    const button: HTMLButtonElement = element(
      'button',
      {
        ...{ type: 'button', 'aria-label': `${group.is_member ? 'Open' : 'Join'} ${name}` },
        onclick: () => void enter(group, button),
      },
      group.is_member ? 'Open' : 'Join',
    )
    return element(
      'li',
      {},
      createAvatar({ id, name: name ?? '', url: avatar_url }),
      element(
        'div',
        {},
        element('b', { class: 'line', dir: 'auto' }, name),
        element(
          'small',
          { class: 'line', dir: 'auto' },
          [counted(member_count, 'member', 'members'), description].filter(Boolean).join(' · '),
        ),
      ),
      button,
    )
  }

  field.addEventListener('input', () => {
    next = 1
    void load()
  })
  const dialog = openDialog({ title: 'Open groups' }, (close) => [
    labelledBy('Name begins with', field),
    list,
    state,
    element(
      'div',
      { class: 'actions' },
      more,
      element('button', { type: 'button', onclick: close }, 'Close'),
    ),
  ])
  field.focus()
  void load()
}
