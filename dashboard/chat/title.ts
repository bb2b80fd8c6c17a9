import { nameOf } from './groups/wording.ts'
import type { Page } from './page-parts.ts'

/** `(3) general · Chat`. */
export const titleOf = (unread: number, name: string | null): string =>
  `${unread ? `(${unread > 99 ? '99+' : unread}) ` : ''}${name === null ? 'Chat' : `${name} · Chat`}`

/** The icon, an SVG document of 64 by 64, with the number of what is unread on it. */
export function withCount(icon: string, unread: number, mentions: number): string {
  const count = mentions || unread
  if (count === 0) return icon
  const text = count > 99 ? '99+' : String(count)
  const [back, front] = mentions ? ['#c02432', '#fff'] : ['#fff', '#4a3391']
  return icon.replace(
    '</svg>',
    `<circle cx="44" cy="44" r="20" fill="${back}"/><text x="44" y="52" font-family="sans-serif" font-weight="700" font-size="${text.length > 2 ? 17 : 24}" text-anchor="middle" fill="${front}">${text}</text></svg>`,
  )
}

const start = 'data:image/svg+xml,'

/** Counts in the title and on the icon, for whoever has the page in a tab behind others. */
export function showCounts({ model, partners }: Page, signal: AbortSignal): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
  const plain = link?.href ?? ''
  const icon = decodeURIComponent(plain.slice(start.length))
  let shownTitle = ''
  let shownIcon = icon

  /** Runs with each message: what stays the same is not set again, because that costs milliseconds. */
  function show(): void {
    const { unread, mentions } = model.totals.value
    const group = model.current.value?.group.value
    const title = titleOf(unread, group ? nameOf(group, partners.of(group)) : null)
    if (title !== shownTitle) document.title = title
    shownTitle = title
    const counted = withCount(icon, unread, mentions)
    if (link && counted !== shownIcon) link.href = start + encodeURIComponent(counted)
    shownIcon = counted
  }

  model.totals.listen(show, signal)
  model.current.listen((conversation) => conversation?.group.listen(show, signal) ?? show(), signal)
  signal.addEventListener('abort', () => {
    document.title = titleOf(0, null)
    if (link) link.href = plain
  })
}
