import type { ChatFile } from '../../../src/client/types.ts'
import { element, setText } from '../../parts/elements.ts'
import { sizeText } from '../../parts/size.ts'
import { longTime } from '../groups/wording.ts'
import type { Conversation } from '../model/types.ts'
import type { Page } from '../page-parts.ts'
import { createPanel } from '../panel.ts'

/** The files that were sent to the group, newest first. */
export function openFiles(page: Page, { id }: Conversation): void {
  const { chat } = page.model
  const list = element('ul', { class: 'results' })
  const state = element('p', { role: 'status', class: 'state' }, 'Loading …')
  const more = element('button', { type: 'button', class: 'more', hidden: true }, 'Show more files')
  let before: string | null = null

  async function load(): Promise<void> {
    more.disabled = true
    try {
      const { files, next = null } = await chat.groups.files(id, { limit: 30, ...(before && { before }) })
      before = next
      list.append(...files.map((file) => fileOf(page, file)))
      setText(state, list.children.length ? '' : 'No files were sent here yet.')
      more.hidden = next === null
    } catch (error) {
      setText(state, (error as Error).message)
    }
    more.disabled = false
  }

  more.addEventListener('click', () => void load())
  const panel = createPanel('Files', () => page.showPanel(null), state, list, more)
  page.showPanel(panel)
  panel.focus()
  void load()
}

/** A file's address is good for some minutes, so it is asked for when it is wanted. */
const fileOf = ({ model }: Page, { id, name, size, created_at }: ChatFile): HTMLElement => {
  const link: HTMLAnchorElement = element(
    'a',
    {
      href: `#file=${encodeURIComponent(id)}`,
      onclick: async (event: Event) => {
        event.preventDefault()
        try {
          const { url } = await model.chat.files.link(id)
          element('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }).click()
        } catch (error) {
          model.report(error)
        }
      },
    },
    element('span', { class: 'text', dir: 'auto' }, name),
    ' ',
    element('span', { class: 'where' }, `${sizeText(size)} · ${longTime(created_at)}`),
  )
  return element('li', {}, link)
}
