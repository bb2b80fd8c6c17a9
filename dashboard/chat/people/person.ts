import type { Member } from '../../../src/client/types.ts'
import { createAvatar } from '../../parts/avatar.ts'
import { element, setText } from '../../parts/elements.ts'

export interface PersonFacts {
  readonly person: Member
  /** Of the picture. */
  readonly url: string | null
  readonly isOnline: boolean
  readonly isMe: boolean
  readonly isBlocked: boolean
  readonly isMuted: boolean
}

export interface PersonLine {
  readonly element: HTMLElement
  show(facts: PersonFacts): void
}

/** One line of the list: a button, whose name begins with the person's and says all that the line shows. */
export function createPersonLine(open: (button: HTMLElement) => void): PersonLine {
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
  let shown: PersonFacts | undefined
  return {
    element: element('li', {}, button),
    show(facts) {
      const before = shown
      shown = facts
      // In a list of thousands, nearly all stay as they are.
      if (before && isSame(before, facts)) return
      const { person, url, isOnline, isMe, isBlocked, isMuted } = facts
      const { display_name: called, username, role: kind, muted_until: until } = person
      if (called !== before?.person.display_name || url !== before.url) {
        picture.replaceChildren(createAvatar({ id: person.user_id, name: called, url }))
        setText(name, called)
      }
      setText(notes, [isMe && 'you', isMuted && 'muted', isBlocked && 'blocked'].filter(Boolean).join(', '))
      setText(role, kind === 'member' ? '' : kind)
      setText(presence, isOnline ? 'online' : 'offline')
      button.title = `@${username}${isMuted ? `, muted until ${timeText(until)}` : ''}`
      button.classList.toggle('online', isOnline)
    },
  }
}

const isSame = (a: PersonFacts, b: PersonFacts): boolean =>
  a.person === b.person &&
  a.url === b.url &&
  a.isOnline === b.isOnline &&
  a.isBlocked === b.isBlocked &&
  a.isMuted === b.isMuted

const timeText = (time: string | null): string =>
  time ? new Date(time).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' }) : ''
