import type { Group } from '../../../src/client/types.ts'
import { createAvatar } from '../../parts/avatar.ts'
import { element, setText } from '../../parts/elements.ts'
import { iconButton } from '../../parts/icon.ts'
import { openMenu } from '../../parts/menu.ts'
import { counted, nameOf } from '../groups/wording.ts'
import type { Cell } from '../model/cell.ts'
import type { Conversation } from '../model/types.ts'
import type { Page } from '../page-parts.ts'
import { openFiles } from './files.ts'
import { leave } from './leave.ts'
import { openPins } from './pins.ts'
import { openSettings } from './settings.ts'

export interface HeaderActions {
  /** Whether the people of the group are shown. */
  readonly hasPeople: Cell<boolean>
  /** On a phone: to the list of groups. */
  back(): void
  togglePeople(): void
  searchHere(): void
}

/** What stands above the messages: which group it is, and what can be done with it. */
export function createHeader(
  page: Page,
  conversation: Conversation,
  { hasPeople, back, togglePeople, searchHere }: HeaderActions,
  signal: AbortSignal,
): HTMLElement {
  const { group, people } = conversation
  const isDirect = group.value.kind === 'direct'
  const picture = element('span', { class: 'picture' })
  const heading = element('h1', { dir: 'auto' })
  const about = element('p', { class: 'about', dir: 'auto' })

  function show(): void {
    const { value } = group
    const partner = page.partners.of(value)
    const name = nameOf(value, partner)
    setText(heading, name)
    picture.replaceChildren(
      createAvatar({ id: partner?.id ?? value.id, name, url: (partner ?? value).avatar_url }),
    )
    const isOnline = partner !== null && people.value.online.has(partner.id)
    picture.classList.toggle('online', isOnline)
    setText(about, aboutOf(value, partner ? (isOnline ? 'online' : `@${partner.username}`) : null))
  }

  function choice(name: string, isChecked: boolean, change: () => Promise<unknown>) {
    return { name, isChecked, run: () => void change().catch(page.model.report) }
  }

  const menu = iconButton('Group menu', 'more', () => {
    const { notify, pinned } = group.value
    const { isAdmin } = conversation.rights.value
    const notified = (name: string, value: Group['notify']) =>
      choice(name, notify === value, () => conversation.setNotify(value))
    const isMember = group.value.role !== null
    const name = heading.textContent ?? ''
    const leaving = {
      name: isDirect ? 'Hide this chat' : 'Leave group',
      isDangerous: true,
      run: () => void leave(page, conversation, name),
    }
    openMenu(menu, [
      { name: 'Search in this group', run: searchHere },
      { name: 'Pinned messages', run: () => openPins(page, conversation) },
      { name: 'Files', run: () => openFiles(page, conversation) },
      ...(isMember
        ? [
            notified('Notify of all messages', 'all'),
            notified('Notify of mentions', 'mentions'),
            notified('Notify of nothing', 'none'),
            choice('Keep on top of the list', pinned, () =>
              page.model.chat.groups.preferences(group.value.id, { pinned: !pinned }),
            ),
          ]
        : []),
      ...(isAdmin && !isDirect
        ? [{ name: 'Group settings', run: () => openSettings(page, conversation) }]
        : []),
      ...(isMember ? [leaving] : []),
    ])
  })

  const toggle = iconButton('People', 'people', togglePeople)
  hasPeople.listen((isShown) => toggle.setAttribute('aria-expanded', String(isShown)), signal)
  group.listen(show, signal)
  people.listen(show, signal)
  page.partners.known.listen(show, signal)
  return element(
    'header',
    { class: 'bar' },
    iconButton('Back to groups', 'back', back, 'plain back'),
    picture,
    element('div', { class: 'title' }, heading, about),
    iconButton('Search in this group', 'search', searchHere, 'plain roomy'),
    iconButton('Pinned messages', 'pin', () => openPins(page, conversation), 'plain roomy'),
    iconButton('Files', 'file', () => openFiles(page, conversation), 'plain roomy'),
    !isDirect && toggle,
    menu,
  )
}

const aboutOf = ({ kind, member_count, description, visibility }: Group, partner: string | null): string => {
  if (kind === 'direct') return partner ?? ''
  const members = counted(member_count, 'member', 'members')
  return [visibility === 'open' ? `${members}, open to everybody` : members, description]
    .filter(Boolean)
    .join(' · ')
}
