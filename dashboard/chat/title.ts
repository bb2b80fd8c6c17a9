import { nameOf } from './groups/wording.ts'
import type { Page } from './page-parts.ts'

/** `(3) general · Chat`. */
export const titleOf = (unread: number, name: string | null): string =>
  `${unread ? `(${unread > 99 ? '99+' : unread}) ` : ''}${name === null ? 'Chat' : `${name} · Chat`}`

/** The page's icon with the number of what is unread on it, as an SVG document. */
export function iconOf(unread: number, mentions: number): string {
  const count = mentions || unread
  const text = count > 99 ? '99+' : String(count)
  const badge = count
    ? `<circle cx="22" cy="22" r="10" fill="${mentions ? '#d92d3a' : '#fff'}"/><text x="22" y="26" font-family="sans-serif" font-weight="700" font-size="${text.length > 2 ? 8 : 12}" text-anchor="middle" fill="${mentions ? '#fff' : '#4a3391'}">${text}</text>`
    : ''
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><linearGradient id="g" x2="1" y2="1"><stop stop-color="#667eea"/><stop offset="1" stop-color="#764ba2"/></linearGradient><path fill="url(#g)" d="M8 2h16a6 6 0 0 1 6 6v10a6 6 0 0 1-6 6H14l-8 6v-6.3A6 6 0 0 1 2 18V8a6 6 0 0 1 6-6z"/>${badge}</svg>`
}

/** Counts in the title and on the icon, for whoever has the page in a tab behind others. */
export function showCounts({ model, partners }: Page, signal: AbortSignal): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
  const plain = link?.href ?? ''
  let shown = '0 0'

  function show(): void {
    const { unread, mentions } = model.totals.value
    const group = model.current.value?.group.value
    document.title = titleOf(unread, group ? nameOf(group, partners.of(group)) : null)
    if (!link || shown === `${unread} ${mentions}`) return
    shown = `${unread} ${mentions}`
    link.href = unread ? `data:image/svg+xml,${encodeURIComponent(iconOf(unread, mentions))}` : plain
  }

  model.totals.listen(show, signal)
  model.current.listen((conversation) => conversation?.group.listen(show, signal) ?? show(), signal)
  signal.addEventListener('abort', () => {
    document.title = titleOf(0, null)
    if (link) link.href = plain
  })
}
