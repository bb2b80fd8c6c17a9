import { element } from './elements.ts'

export interface Pictured {
  /** What the colour is chosen by. */
  readonly id: string
  readonly name: string
  readonly url: string | null
}

/** The picture of a person or a group; without one, the first letters on a colour that is always the same. It is decoration. */
export function createAvatar({ id, name, url }: Pictured): HTMLElement {
  const avatar = element('span', { class: 'avatar', 'aria-hidden': 'true' })
  const showLetters = (): void => {
    avatar.textContent = initials(name)
    avatar.style.setProperty('--hue', String(hueOf(id)))
  }
  if (url === null) showLetters()
  else avatar.append(element('img', { src: url, alt: '', loading: 'lazy', onerror: showLetters }))
  return avatar
}

const segmenter = new Intl.Segmenter()

/** One or two letters, as people see them: an emoji, or a letter with its marks, is one. */
export function initials(name: string): string {
  const words = name.split(/[\s._-]+/).filter((word) => /[\p{L}\p{N}\p{So}]/u.test(word))
  const letters = (words.length > 1 ? [words[0], words[words.length - 1]] : [words[0] ?? name]).map(
    (word = '') => [...segmenter.segment(word.slice(0, 40))][0]?.segment ?? '',
  )
  return letters.join('').toLocaleUpperCase()
}

/** 0 to 359. Ids that differ little have colours that differ much: FNV-1a, and its upper bits mixed in. */
export function hueOf(id: string): number {
  let hash = 0x811c9dc5
  for (const letter of id) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193)
  return ((hash ^ (hash >>> 15)) >>> 0) % 360
}
