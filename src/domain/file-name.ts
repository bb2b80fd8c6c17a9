import { isDeceptiveMark } from './text.ts'

const longest = 120
const longestExtension = 16

/**
 * A name that is fit for a file system, a header and a page: of a path its end, on one line, in Unicode normalization form C, without
 * controls and marks that change the direction of text, at most 120 characters. What leaves nothing is called `file`.
 */
export function safeName(given: string): string {
  const last = given.toWellFormed().normalize('NFC').split(/[/\\]/).at(-1) ?? ''
  const plain = [...last]
    .filter((character) => !isDeceptiveMark(character))
    .join('')
    .replace(/[<>:"|?*\s]+/g, ' ')
    .trim()
    // A file that begins with dots would be hidden, or mean a folder.
    .replace(/^[.\s]+|[.\s]+$/g, '')
  return shortened(plain) || 'file'
}

/** Keeps the extension of a name that is too long. */
function shortened(name: string): string {
  const characters = [...name]
  if (characters.length <= longest) return name
  const dot = characters.lastIndexOf('.')
  const extension = dot > 0 && characters.length - dot <= longestExtension ? characters.slice(dot) : []
  return [...characters.slice(0, longest - extension.length), ...extension].join('')
}

/** RFC 6266: the name in ASCII for what knows no other, and, where it has more, as RFC 8187 has it. */
export function contentDisposition(way: 'inline' | 'attachment', name: string): string {
  const plain = name.replace(/[^\x20-\x7e]/gu, '_').replace(/["\\%]/g, '_')
  const extended = plain === name ? '' : `; filename*=UTF-8''${encodeValue(name)}`
  return `${way}; filename="${plain}"${extended}`
}

/** RFC 8187, 3.2.1: `attr-char` stands for itself. encodeURIComponent leaves four characters that are none. */
const encodeValue = (name: string): string =>
  encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
