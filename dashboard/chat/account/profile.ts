import { element } from '../../parts/elements.ts'
import { labelledBy, openForm, ticked } from '../../parts/form-dialog.ts'
import type { Page } from '../page-parts.ts'

/** How the others see one. */
export function openProfile({ model }: Page): void {
  const { chat, me } = model
  const name = element('input', { type: 'text', required: true, maxlength: 100, dir: 'auto' })
  name.value = me.value?.display_name ?? ''
  const picture = element('input', { type: 'file', accept: 'image/png,image/jpeg,image/webp' })
  const isRemoved = element('input', { type: 'checkbox' })
  openForm({
    title: 'Profile',
    action: 'Save',
    fields: [
      element('p', {}, `@${me.value?.username ?? ''}`),
      labelledBy('Display name', name),
      labelledBy('Picture', picture),
      Boolean(me.value?.avatar_url) && ticked('Remove the picture', isRemoved),
    ],
    async run() {
      const [file] = picture.files ?? []
      const chosen = name.value.trim()
      if (chosen !== me.value?.display_name) await chat.users.update({ display_name: chosen })
      if (file) await chat.users.avatar(file)
      else if (isRemoved.checked) await chat.users.removeAvatar()
      await model.refreshMe()
    },
  })
}
