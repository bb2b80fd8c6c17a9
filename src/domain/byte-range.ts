/** Both ends are part of it, counted from 0. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * The part of `size` bytes that the header Range asks for (RFC 9110, 14.1.2). undefined: all of it, also for several parts and for
 * what is no range, which a server may pass over; null: there is nothing of it.
 */
export function byteRange(header: string | undefined, size: number): ByteRange | null | undefined {
  const found = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i.exec(header ?? '')
  if (!found) return undefined
  const [, first = '', last = ''] = found
  if (first === '' && last === '') return undefined
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? null : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return undefined
  if (start >= size) return null
  return { start, end: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
}

/** Whether the header If-None-Match names this tag, or any (RFC 9110, 13.1.2): as weak tags are compared. */
export const matchesTag = (header: string | undefined, tag: string): boolean =>
  header !== undefined &&
  (header.trim() === '*' || header.split(',').some((each) => each.trim().replace(/^W\//, '') === tag))

/** Whether a range may be answered under the header If-Range (RFC 9110, 13.1.5): a date is none of our tags. */
export const isStill = (header: string | undefined, tag: string): boolean =>
  header === undefined || header.trim() === tag
