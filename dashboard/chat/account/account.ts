import { createAvatar } from '../../parts/avatar.ts'
import { confirm } from '../../parts/dialog.ts'
import { element } from '../../parts/elements.ts'
import { openMenu } from '../../parts/menu.ts'
import type { Page } from '../page-parts.ts'
import type { Notifications } from './notifications.ts'
import { openProfile } from './profile.ts'
import type { Theme } from './theme.ts'

interface Deps {
  readonly page: Page
  readonly theme: Theme
  readonly notifications: Notifications
  /** Shown until the profile is there. */
  readonly name: string
  logOut(): void
}

/** The button with one's own name, and the menu behind it. */
export function createAccount(
  { page, theme, notifications, name, logOut }: Deps,
  signal: AbortSignal,
): HTMLElement {
  const { model, ownId } = page
  const button = element('button', { type: 'button', class: 'plain account', onclick: () => open() })

  async function leave(): Promise<void> {
    const waiting = model.chat.pending.length
    const isSure =
      waiting === 0 ||
      (await confirm(
        'Log out?',
        `${waiting === 1 ? 'One message is' : `${waiting} messages are`} not sent yet. They wait here until you log in again.`,
        'Log out',
      ))
    if (isSure) logOut()
  }

  const open = (): void =>
    openMenu(button, [
      { name: 'Profile', run: () => openProfile(page) },
      { name: 'Dark theme', isChecked: theme.isDark, run: () => theme.choose(!theme.isDark) },
      {
        name: 'Notifications',
        isChecked: notifications.isOn,
        run: () => void notifications.turn(!notifications.isOn).catch(model.report),
      },
      { name: 'Log out', run: () => void leave() },
    ])

  model.me.listen((me) => {
    const shown = me?.display_name ?? name
    button.replaceChildren(
      createAvatar({ id: ownId, name: shown, url: me?.avatar_url ?? null }),
      element('span', { dir: 'auto' }, shown),
    )
  }, signal)
  button.setAttribute('aria-haspopup', 'menu')
  button.setAttribute('aria-expanded', 'false')
  return button
}
