import type { Person } from '../../../src/client/types.ts'
import { element } from '../../parts/elements.ts'
import { labelledBy, openForm, ticked } from '../../parts/form-dialog.ts'
import type { Page } from '../page-parts.ts'
import { createChoosePeople } from './choose-people.ts'

export const peopleSearch =
  ({ model, ownId }: Page) =>
  async (text: string): Promise<readonly Person[]> =>
    (await model.chat.users.search(text, { limit: 8 })).users.filter(({ id }) => id !== ownId)

export function openNewGroup(page: Page): void {
  const { chat } = page.model
  const name = element('input', { type: 'text', required: true, maxlength: 100, dir: 'auto' })
  const isOpen = element('input', { type: 'checkbox' })
  const people = createChoosePeople({ label: 'Add people', isOne: false, search: peopleSearch(page) })
  openForm({
    title: 'New group',
    action: 'Create',
    fields: [labelledBy('Name', name), ticked('Open to everybody', isOpen), people.element],
    async run() {
      const members = await people.chosen()
      const { id } = await chat.groups.create({
        name: name.value.trim(),
        visibility: isOpen.checked ? 'open' : 'private',
        authorized_user_ids: members.map((person) => person.id),
      })
      await page.model.adopt(id)
      page.go(id)
    },
  })
}

export function openNewDirect(page: Page): void {
  const person = createChoosePeople({ label: 'Person', isOne: true, search: peopleSearch(page) })
  openForm({
    title: 'New direct message',
    action: 'Start',
    fields: [person.element],
    async run() {
      const [chosen] = await person.chosen()
      if (!chosen) throw new Error('Choose whom to write to.')
      const { id } = await page.model.chat.groups.direct(chosen.id)
      await page.model.adopt(id)
      page.go(id)
    },
  })
}
