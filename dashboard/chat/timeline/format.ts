/** A stretch of a message's text, and what it is. Line breaks stay in the text. */
export type Part =
  | { readonly kind: 'text' | 'code' | 'block'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string }
  | { readonly kind: 'mention'; readonly text: string; readonly isOwn: boolean }

/** Whom an `@name` in the text means; null: nobody, and it stays text. */
export type FindMention = (name: string) => 'own' | 'other' | null

/**
 * Splits a text into its parts, which joined are the text again, but for the fences and backticks around code. What it takes grows
 * with the text's length alone: nothing that was looked at is looked at again.
 */
export function format(text: string, findMention: FindMention): Part[] {
  const parts: Part[] = []
  let from = 0
  while (from < text.length) {
    const open = text.indexOf('```', from)
    const close = open < 0 ? -1 : text.indexOf('```', open + 3)
    const code = close < 0 ? '' : text.slice(open + 3, close).replace(/^[\w+#.-]{0,20}\n/, '')
    // An empty fence is text, and so is one without an end.
    const isBlock = code.trim() !== ''
    const to = isBlock ? open : close < 0 ? text.length : close + 3
    formatLine(text.slice(from, to), findMention, parts)
    if (isBlock) parts.push({ kind: 'block', text: code.replace(/\n$/, '') })
    // The line break beside a block is the block's own.
    from = isBlock ? close + (text[close + 3] === '\n' ? 4 : 3) : to
  }
  return parts
}

function formatLine(text: string, findMention: FindMention, parts: Part[]): void {
  const seek = /`|https?:\/\/|mailto:|@/gi
  let done = 0
  let at = 0
  const push = (from: number, to: number, part: Part): void => {
    if (from > done) parts.push({ kind: 'text', text: text.slice(done, from) })
    parts.push(part)
    done = to
  }
  while (true) {
    seek.lastIndex = at
    const found = seek.exec(text)
    if (!found) break
    const { index } = found
    at = index + found[0].length
    if (found[0] === '`') {
      const close = text.indexOf('`', at)
      if (close < 0) continue
      const code = text.slice(at, close)
      if (code === '' || code.includes('\n')) continue
      at = close + 1
      push(index, at, { kind: 'code', text: code })
    } else if (isWithinWord(text, index)) {
      // An address of e-mail, or the end of some word: neither a mention nor a link.
    } else if (found[0] === '@') {
      const run = runFrom(text, at, /[\p{L}\p{M}\p{N}_.-]+/uy)
      at += run.length
      const short = run.replace(/[._-]{1,9}$/, '')
      const name = [run, short].find((name) => name !== '' && findMention(name))
      if (name === undefined) continue
      const isOwn = findMention(name) === 'own'
      push(index, index + 1 + name.length, { kind: 'mention', text: `@${name}`, isOwn })
    } else {
      const run = runFrom(text, index, /[^\s<>"`]+/y)
      at = index + run.length
      const address = withoutEnd(run)
      const href = hrefOf(address)
      if (href) push(index, index + address.length, { kind: 'link', text: address, href })
    }
  }
  if (done < text.length) parts.push({ kind: 'text', text: text.slice(done) })
}

const isWithinWord = (text: string, index: number): boolean =>
  index > 0 && /[\p{L}\p{N}_]/u.test(text[index - 1] ?? '')

function runFrom(text: string, at: number, pattern: RegExp): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

const closers: Record<string, string> = { ')': '(', ']': '[', '}': '{' }

/** Without the punctuation behind it, which is the sentence's; a closing bracket is the address's where its opening one is. */
function withoutEnd(address: string): string {
  const counts: Record<string, number> = {}
  for (const character of address) counts[character] = (counts[character] ?? 0) + 1
  let end = address.length
  for (; end > 0; end--) {
    const last = address[end - 1] ?? ''
    const opener = closers[last]
    if (opener && (counts[last] ?? 0) > (counts[opener] ?? 0)) counts[last] = (counts[last] ?? 0) - 1
    else if (!/[.,;:!?'*_~…]/.test(last)) break
  }
  return address.slice(0, end)
}

function hrefOf(address: string): string | null {
  if (!URL.canParse(address)) return null
  const { protocol, hostname, pathname, href } = new URL(address)
  const isWhole = protocol === 'mailto:' ? pathname.includes('@') : hostname !== ''
  return isWhole && ['http:', 'https:', 'mailto:'].includes(protocol) ? href : null
}

/** One to eight emoji and nothing else: they are shown larger. */
export const isEmojiOnly = (text: string): boolean =>
  text.length <= 100 && /^(?:\s*\p{RGI_Emoji}){1,8}\s*$/v.test(text)

const shownLength = 3_000
const shownLines = 40

/** So long that it is folded. */
export function isLong(text: string): boolean {
  let end = 0
  for (let line = 0; line < shownLines && end >= 0; line++) end = text.indexOf('\n', end + 1)
  return text.length > shownLength || end >= 0
}

/** The first line, for a quotation: what is around code is left out. */
export const firstLine = (text: string): string =>
  text.slice(0, 400).replaceAll('`', '').trim().split('\n', 1)[0] ?? ''
