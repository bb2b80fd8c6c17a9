import type { Group, Person } from '../../../src/client/types.ts'
import { createAvatar } from '../../parts/avatar.ts'
import { element } from '../../parts/elements.ts'
import { icon } from '../../parts/icon.ts'
import { addressOf } from '../address.ts'
import { nameOf, preview, shortTime, unreadText } from './wording.ts'

/** What a group's line in the list is drawn from. */
export interface RowState {
  readonly group: Group
  readonly partner: Person | null
  readonly isPartnerOnline: boolean
  readonly isCurrent: boolean
  readonly hasDraft: boolean
}

/** A group's line. */
export interface Row {
  readonly element: HTMLElement
  readonly link: HTMLAnchorElement
  show(state: RowState): void
}

export function createRow(groupId: string, ownId: string): Row {
  // The link is called by what counts, `general, 3 unread`; what was written last is told beside that.
  const last = element('span', { class: 'last', id: `last-${groupId}`, dir: 'auto', 'aria-hidden': 'true' })
  const link = element('a', { href: addressOf(groupId), 'aria-describedby': last.id })
  const row = element('li', {}, link)
  let shown: RowState | undefined
  return {
    element: row,
    link,
    show(state) {
      if (shown && isSame(shown, state)) return
      shown = state
      const { group, partner, isCurrent, hasDraft } = state
      const name = nameOf(group, partner)
      const isDirect = group.kind === 'direct'
      const count = group.mention_count || (isDirect ? group.unread_count : 0)
      if (isCurrent) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
      link.classList.toggle('unread', group.unread_count > 0)
      link.classList.toggle('silenced', group.notify === 'none')
      const draft = element('em', {}, 'Draft')
      last.replaceChildren(...(hasDraft ? [draft, ' '] : []), preview(group.last_message, ownId, isDirect))
      link.replaceChildren(
        pictureOf(state, name),
        element(
          'span',
          { class: 'name' },
          element(
            'b',
            { dir: 'auto' },
            name,
            element('span', { class: 'count' }, unreadText(group.unread_count)),
          ),
          group.notify === 'none' && marked('bellOff', 'silenced'),
          group.pinned && marked('pin', 'pinned'),
        ),
        element(
          'span',
          { class: 'time', 'aria-hidden': 'true' },
          shortTime(group.last_message_at, Date.now()),
        ),
        last,
        ...badges(group.unread_count, count),
      )
    },
  }
}

const isSame = (a: RowState, b: RowState): boolean =>
  (Object.keys(a) as (keyof RowState)[]).every((field) => a[field] === b[field])

function pictureOf({ group, partner, isPartnerOnline }: RowState, name: string): HTMLElement {
  const avatar = createAvatar({ id: partner?.id ?? group.id, name, url: (partner ?? group).avatar_url })
  return element('span', { class: isPartnerOnline ? 'picture online' : 'picture' }, avatar)
}

const marked = (name: 'bellOff' | 'pin', title: string): HTMLElement =>
  element('span', { class: 'mark', title }, icon(name))

const badge = (className: string, text: string): HTMLElement =>
  element('span', { class: className, 'aria-hidden': 'true' }, text)

function badges(unread: number, urgent: number): HTMLElement[] {
  if (unread === 0) return []
  const text = unread > 999 ? '999+' : String(unread)
  if (urgent === 0) return [badge('badge', text)]
  return [badge('badge urgent', urgent === unread ? text : `@ ${text}`)]
}
