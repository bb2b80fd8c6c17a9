import type { Member } from '../../../src/client/types.ts'
import { createAvatar } from '../../parts/avatar.ts'
import { element, setText } from '../../parts/elements.ts'
import { isMuted } from './actions.ts'

export interface PersonLine {
  readonly element: HTMLElement
  show(
    person: Member,
    circumstances: { url: string | null; isOnline: boolean; isMe: boolean; isBlocked: boolean; now: number },
  ): void
}

/** One line of the list: a button, whose name begins with the person's and says all that the line shows. */
export function createPersonLine(person: Member, open: (button: HTMLElement) => void): PersonLine {
  const name = element('bdi', { class: 'person-name' })
  const presence = element('span', { class: 'hidden' })
  const notes = element('span', { class: 'dim' })
  const role = element('span', { class: 'role' })
  const picture = element('span', { class: 'person-picture' })
  const button = element(
    'button',
    { type: 'button', class: 'plain person', 'aria-haspopup': 'menu', onclick: () => open(button) },
    picture,
    name,
    presence,
    notes,
    role,
  )
  let shownName: string | null = null
  let shownUrl: string | null = null
  return {
    element: element('li', {}, button),
    show(member, { url, isOnline, isMe, isBlocked, now }) {
      if (member.display_name !== shownName || url !== shownUrl) {
        shownName = member.display_name
        shownUrl = url
        picture.replaceChildren(createAvatar({ id: person.user_id, name: shownName, url }))
        setText(name, shownName)
      }
      const muted = isMuted(member, now)
      const told = [isMe && 'you', muted && 'muted', isBlocked && 'blocked'].filter(Boolean).join(', ')
      setText(notes, told)
      setText(role, member.role === 'member' ? '' : member.role)
      setText(presence, isOnline ? 'online' : 'offline')
      button.title = `@${member.username}${muted ? `, muted until ${timeText(member.muted_until)}` : ''}`
      button.classList.toggle('online', isOnline)
    },
  }
}

const timeText = (time: string | null): string =>
  time ? new Date(time).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' }) : ''
