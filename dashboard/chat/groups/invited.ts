import { openDialog } from '../../parts/dialog.ts'
import { element } from '../../parts/elements.ts'
import { openForm } from '../../parts/form-dialog.ts'
import type { Page } from '../page-parts.ts'
import { counted } from './wording.ts'

/** What an invite tells before one has come in. */
interface Invited {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly member_count: number
}

/** Shows the group that an invite leads to, and asks whether to come in. */
export async function openInvited(page: Page, code: string): Promise<void> {
  const { chat } = page.model
  try {
    const group = (await chat.groups.invited(code)).group as Invited
    openForm({
      title: 'You are invited',
      action: 'Join',
      fields: [
        element('p', { class: 'invited', dir: 'auto' }, element('b', {}, group.name)),
        Boolean(group.description) && element('p', { dir: 'auto' }, group.description),
        element('p', {}, counted(group.member_count, 'member', 'members')),
      ],
      async run() {
        const { id } = await chat.groups.accept(code)
        await page.model.adopt(id)
        page.go(id)
      },
    })
  } catch (error) {
    openDialog({ title: 'This invite can’t be used' }, (close) => [
      element('p', { role: 'alert' }, (error as Error).message),
      element(
        'div',
        { class: 'actions' },
        element('button', { type: 'button', class: 'primary', onclick: close }, 'Close'),
      ),
    ])
  }
}
