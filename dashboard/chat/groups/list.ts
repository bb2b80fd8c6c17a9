import type { Group } from '../../../src/client/types.ts'
import { element, setText } from '../../parts/elements.ts'
import type { Cell } from '../model/cell.ts'
import type { Page } from '../page-parts.ts'
import type { DirectPresence } from './presence.ts'
import { createRow, type Row } from './row.ts'
import { nameOf } from './wording.ts'

/** So many groups are drawn at first, and so many more whenever the list is scrolled to its end. */
const step = 60

/** The groups, by latest activity. Only those whose name begins like the filter's text, where there is one. */
export function createGroupList(
  { model, partners, ownId }: Page,
  { filter, presence }: { filter: Cell<string>; presence: DirectPresence },
  signal: AbortSignal,
): HTMLElement {
  const rows = new Map<string, Row>()
  const list = element('ul')
  const empty = element('p', { class: 'empty' })
  const more = element(
    'button',
    { type: 'button', class: 'more', onclick: () => extend() },
    'Show more groups',
  )
  const nav = element('nav', { class: 'groups', 'aria-label': 'Groups' }, list, empty, more)
  let limit = step
  let isDue = false

  function extend(): void {
    limit += step
    draw()
  }

  /** Much may change at once: it is drawn once. */
  function drawSoon(): void {
    if (isDue) return
    isDue = true
    queueMicrotask(() => {
      isDue = false
      if (!signal.aborted) draw()
    })
  }

  function found(groups: readonly Group[]): readonly Group[] {
    const text = fold(filter.value.trim())
    if (!text) return groups
    return groups.filter((group) =>
      fold(nameOf(group, partners.of(group)))
        .split(/[\s._-]+/)
        .some((_, at, words) => words.slice(at).join(' ').startsWith(text)),
    )
  }

  function draw(): void {
    const { value: groups } = model.groups
    nav.setAttribute('aria-busy', String(groups === null))
    if (groups === null) return
    const all = found(groups)
    const shown = all.slice(0, limit)
    const current = model.current.value?.id
    const wanted = shown.map((group) => {
      const row = rows.get(group.id) ?? createRow(group.id, ownId)
      rows.set(group.id, row)
      const partner = partners.of(group)
      row.show({
        group,
        partner,
        isPartnerOnline: partner !== null && presence.isOnline(group.id, partner.id),
        isCurrent: group.id === current,
        hasDraft: group.id !== current && model.drafts.groupIds.value.has(group.id),
      })
      return row.element
    })
    arrange(list, wanted)
    const ids = new Set(groups.map(({ id }) => id))
    for (const id of rows.keys()) if (!ids.has(id)) rows.delete(id)
    more.hidden = all.length <= limit
    empty.hidden = all.length > 0
    setText(
      empty,
      groups.length
        ? 'No group is called so. Enter searches the messages.'
        : 'You are in no group yet. Make one, look for open ones, or write to somebody.',
    )
  }

  new IntersectionObserver((entries) => {
    if (entries.some(({ isIntersecting }) => isIntersecting)) extend()
  }).observe(more)
  for (const cell of [model.groups, model.current, model.drafts.groupIds, partners.known, presence.changed])
    (cell as Cell<unknown>).listen(drawSoon, signal)
  filter.listen(() => {
    limit = step
    drawSoon()
  }, signal)
  return nav
}

/** Puts the elements in this order and takes away all others. What stands right is not touched, so that the focus stays where it is. */
function arrange(list: HTMLElement, wanted: readonly HTMLElement[]): void {
  const kept = new Set<Element>(wanted)
  for (const child of [...list.children]) if (!kept.has(child)) child.remove()
  let next = list.firstElementChild
  for (const each of wanted) {
    if (each === next) next = next.nextElementSibling
    else list.insertBefore(each, next)
  }
}

const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase()
