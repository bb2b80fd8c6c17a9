import { element } from '../../parts/elements.ts'
import { type FindMention, format, isEmojiOnly, isLong } from './format.ts'

/** The message's text as elements. A long one is folded: all of it is there, but not seen; `isWhole` says that it was unfolded, `onFold` that this is wanted. */
export function textOf(
  content: string,
  findMention: FindMention,
  fold: { isWhole: boolean; onFold(isWhole: boolean): void },
): Node[] {
  const isFolded = isLong(content) && !fold.isWhole
  const text = element('div', {
    class: `text${isEmojiOnly(content) ? ' large' : ''}${isFolded ? ' folded' : ''}`,
    dir: 'auto',
  })
  for (const part of format(content, findMention)) {
    if (part.kind === 'text') text.append(part.text)
    else if (part.kind === 'code') text.append(element('code', {}, part.text))
    else if (part.kind === 'block')
      text.append(element('pre', { dir: 'ltr' }, element('code', {}, part.text)))
    else if (part.kind === 'mention')
      text.append(element('span', { class: part.isOwn ? 'mention own' : 'mention' }, part.text))
    else if (part.kind === 'link') text.append(outwardLink(part.href, part.text))
  }
  if (!isLong(content)) return [text]
  const button = element(
    'button',
    { type: 'button', class: 'fold', onclick: () => fold.onFold(!fold.isWhole) },
    fold.isWhole ? 'Show less' : 'Show all',
  )
  return [text, button]
}

const outwardLink = (href: string, text: string): HTMLAnchorElement =>
  element('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow' }, text)
