import type { Group } from '../../../src/client/types.ts'
import { confirm } from '../../parts/dialog.ts'
import { element } from '../../parts/elements.ts'
import { labelledBy, openForm, ticked } from '../../parts/form-dialog.ts'
import type { Conversation } from '../model/types.ts'
import type { Page } from '../page-parts.ts'

interface Ban {
  readonly user_id: string
  readonly display_name: string
}

/** What admins may change; the rest of it is for owners. */
export async function openSettings(page: Page, conversation: Conversation): Promise<void> {
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
  const banned = element('div')

  const dialog = openForm({
    title: 'Group settings',
    action: 'Save',
    fields: [
      labelledBy('Name', name),
      labelledBy('Description', description),
      labelledBy('Picture', picture),
      isOwner && ticked('Open to everybody', isOpen),
      isOwner && ticked('Only admins write', isQuiet),
      banned,
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

  async function showBanned(): Promise<void> {
    const bans = (await chat.groups.bans(id)).bans as unknown as Ban[]
    const lines = bans.map(({ user_id, display_name }) => {
      const line = element(
        'li',
        {},
        element('span', { dir: 'auto' }, display_name),
        element(
          'button',
          {
            ...{ type: 'button', 'aria-label': `Let ${display_name} in again` },
            onclick: () => void chat.groups.unban(id, user_id).then(() => line.remove(), report),
          },
          'Let in again',
        ),
      )
      return line
    })
    if (lines.length) banned.append(element('h3', {}, 'Banned'), element('ul', { class: 'banned' }, ...lines))
  }

  await showBanned().catch(report)
}
