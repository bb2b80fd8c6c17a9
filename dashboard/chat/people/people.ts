import type { Member } from '../../../src/client/types.ts'
import { element, setText } from '../../parts/elements.ts'
import { isMuted } from './actions.ts'
import { openBans } from './bans.ts'
import { blocksOf } from './blocks.ts'
import { openInvite } from './invite.ts'
import { createLookUp } from './look-up.ts'
import { leaveGroup, openPersonMenu, type PeopleDeps } from './menu.ts'
import { createOrder, partPeople } from './order.ts'
import { createPersonLine, type PersonLine } from './person.ts'
import { createPictures } from './pictures.ts'

/** With no more than these, a look finds everybody. */
const manyPeople = 20

interface Line extends PersonLine {
  /** As they were listed last. */
  person: Member
}

/** Who is in the group, who of them is there now, and what may be done about them. */
export function createPeople(deps: PeopleDeps, signal: AbortSignal): HTMLElement {
  const { model, conversation } = deps
  const { people, group, rights } = conversation
  const blocks = blocksOf(model)
  const pictures = createPictures(conversation, signal)
  const order = createOrder()
  const lines = new Map<string, Line>()

  const total = element('span', { class: 'dim' })
  const filter = element('input', {
    type: 'search',
    'aria-label': 'Filter people',
    placeholder: 'Filter people',
    autocomplete: 'off',
    hidden: true,
  })
  const online = createPart('Online')
  const offline = createPart('Offline')
  const none = element('p', { role: 'status', class: 'dim people-none' })
  const end = element('div', { class: 'people-end' })
  const scroll = element('div', { class: 'people-list' }, online.element, offline.element, none, end)
  const invite = element('button', { type: 'button', onclick: () => openInvite(deps) }, 'Invite')
  const bans = element(
    'button',
    { type: 'button', class: 'plain', onclick: () => openBans(deps) },
    'Banned people',
  )
  const leave = element(
    'button',
    { type: 'button', class: 'plain danger', onclick: () => void leaveGroup(deps) },
    'Leave group',
  )

  const lineOf = (person: Member): Line => {
    const known = lines.get(person.user_id)
    if (known) {
      known.person = person
      return known
    }
    const line = {
      ...createPersonLine((button) => openPersonMenu(button, line.person, deps)),
      person,
    }
    lines.set(person.user_id, line)
    return line
  }
  const fill = (
    { list, count, element: part }: Part,
    members: readonly Member[],
    isOnline: boolean,
  ): void => {
    const now = Date.now()
    const me = model.me.value
    const wanted = members.map(lineOf)
    const elements = new Set<Element>(wanted.map((line) => line.element))
    let next = list.firstElementChild
    const goOn = (): void => {
      const passed = next
      next = passed?.nextElementSibling ?? null
      if (passed && !elements.has(passed)) passed.remove()
    }
    for (const line of wanted) {
      const { person } = line
      const isMe = person.user_id === me?.id
      line.show({
        person,
        url: (isMe ? me?.avatar_url : pictures.value.get(person.user_id)) ?? null,
        isOnline,
        isMe,
        isBlocked: blocks.cell.value.has(person.user_id),
        isMuted: isMuted(person, now),
      })
      while (next && !elements.has(next)) goOn()
      if (line.element === next) goOn()
      else list.insertBefore(line.element, next)
    }
    while (next) goOn()
    setText(count, String(members.length))
    part.hidden = members.length === 0
  }
  const show = (): void => {
    const { members, online: connected, isWhole } = people.value
    const focused = document.activeElement
    const ids = new Set(members.map(({ user_id: id }) => id))
    for (const id of lines.keys()) if (!ids.has(id)) lines.delete(id)
    const parts = partPeople(order(members), connected, filter.value)
    fill(online, parts.online, true)
    fill(offline, parts.offline, false)
    filter.hidden = isWhole && members.length <= manyPeople && filter.value === ''
    const isEmpty = parts.online.length + parts.offline.length === 0
    setText(none, isEmpty && filter.value ? 'Nobody of that name' : '')
    end.hidden = isWhole
    // Who goes to the other part takes the focus along.
    if (focused instanceof HTMLElement && scroll.contains(focused)) focused.focus({ preventScroll: true })
  }

  const lookUp = createLookUp(conversation, signal)
  filter.addEventListener('input', () => {
    lookUp(filter.value.trim())
    show()
    scroll.scrollTop = 0
  })
  // Beside Tab, which needs a press for each of a thousand.
  scroll.addEventListener('keydown', (event) => {
    const all = [...scroll.querySelectorAll('button')]
    const at = all.indexOf(document.activeElement as HTMLButtonElement)
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    all[to]?.focus()
  })
  people.listen(show, signal)
  blocks.cell.listen(show, signal)
  pictures.listen(show, signal)
  group.listen(({ kind, role, member_count: count }) => {
    setText(total, String(count))
    leave.hidden = kind === 'direct' || role === null
  }, signal)
  rights.listen(({ isAdmin }) => {
    const mayManage = isAdmin && group.value.kind !== 'direct'
    invite.hidden = !mayManage
    bans.hidden = !mayManage
  }, signal)

  // The next page is fetched before the end of the list comes into sight.
  const sight = new IntersectionObserver(
    (entries) => entries.some(({ isIntersecting }) => isIntersecting) && void conversation.loadPeople(),
    { root: scroll, rootMargin: '300px' },
  )
  sight.observe(end)
  signal.addEventListener('abort', () => sight.disconnect())

  return element(
    'aside',
    { class: 'people', 'aria-label': 'People' },
    element('div', { class: 'people-head' }, element('h2', {}, 'People ', total), invite),
    filter,
    scroll,
    element('div', { class: 'people-foot' }, bans, leave),
  )
}

type Part = ReturnType<typeof createPart>

function createPart(name: string) {
  const count = element('span')
  const list = element('ul', { 'aria-label': name })
  return {
    element: element('section', { hidden: true }, element('h3', {}, `${name} `, count), list),
    list,
    count,
  }
}
