import type { Group } from '../../../src/client/types.ts'
import { confirm } from '../../parts/dialog.ts'
import { element } from '../../parts/elements.ts'
import { labelledBy, openForm, ticked } from '../../parts/form-dialog.ts'
import type { Conversation } from '../model/types.ts'
import type { Page } from '../page-parts.ts'

/** What admins may change; the rest of it is for owners. */
export function openSettings(page: Page, conversation: Conversation): void {
  const { id, rights } = conversation
  const { chat, report } = page.model
  const { isOwner } = rights.value
  const group = conversation.group.value
  const name = element('input', { type: 'text', required: true, maxlength: 100, dir: 'auto' })
  name.value = group.name ?? ''
  const description = element('textarea', { rows: 3, maxlength: 500, dir: 'auto' })
  description.value = group.description
  const isOpen = element('input', { type: 'checkbox' })
  isOpen.checked = group.visibility === 'open'
  const isQuiet = element('input', { type: 'checkbox' })
  isQuiet.checked = group.post_policy === 'admins'
  const picture = element('input', { type: 'file', accept: 'image/png,image/jpeg,image/webp' })

  const dialog = openForm({
    title: 'Group settings',
    action: 'Save',
    fields: [
      labelledBy('Name', name),
      labelledBy('Description', description),
      labelledBy('Picture', picture),
      isOwner && ticked('Open to everybody', isOpen),
      isOwner && ticked('Only admins write', isQuiet),
      isOwner &&
        element(
          'button',
          { type: 'button', class: 'danger', onclick: () => void remove() },
          'Delete this group',
        ),
    ],
    async run() {
      const [file] = picture.files ?? []
      if (file) await chat.groups.avatar(id, file)
      const changes = {
        name: name.value.trim(),
        description: description.value.trim(),
        ...(isOwner && {
          visibility: isOpen.checked ? 'open' : 'private',
          post_policy: isQuiet.checked ? 'admins' : 'everyone',
        }),
      }
      const changed = Object.entries(changes).filter(
        ([field, value]) => group[field as keyof Group] !== value,
      )
      if (changed.length) await chat.groups.update(id, Object.fromEntries(changed))
    },
  })

  async function remove(): Promise<void> {
    dialog.close()
    const isSure = await confirm(
      `Delete ${group.name}?`,
      'All that was written in it is gone for everybody, for good.',
      'Delete',
    )
    if (isSure) await chat.groups.delete(id).then(() => page.go(null), report)
  }
}
