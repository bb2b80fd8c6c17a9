import { ascii, type FileSort, uint32 } from './file-type.ts'

/** In pixels. It is only what a header says: nothing is decoded, so a huge image costs no more than a small one. */
export interface ImageSize {
  readonly width: number
  readonly height: number
}

/** The size of an image by its first bytes; null for what is none, and where they don't say. */
export function imageSize(type: FileSort, head: Uint8Array): ImageSize | null {
  const size = readers[type]?.(head)
  return size && size.width > 0 && size.height > 0 ? size : null
}

type Reader = (head: Uint8Array) => ImageSize | null

const readers: Partial<Record<FileSort, Reader>> = {
  'image/png': (head) =>
    ascii(head, 12, 4) === 'IHDR' && head.length >= 24
      ? { width: uint32(head, 16), height: uint32(head, 20) }
      : null,
  'image/gif': (head) =>
    head.length < 10 ? null : { width: little(head, 6, 2), height: little(head, 8, 2) },
  'image/webp': webp,
  'image/jpeg': jpeg,
  'image/avif': avif,
}

function little(bytes: Uint8Array, offset: number, length: number): number {
  let value = 0
  for (let i = length - 1; i >= 0; i--) value = value * 256 + (bytes[offset + i] ?? 0)
  return value
}

const uint16 = (bytes: Uint8Array, offset: number): number =>
  ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0)

/** RFC 9649: a lossy, a lossless, or an extended file. */
function webp(head: Uint8Array): ImageSize | null {
  if (head.length < 30) return null
  switch (ascii(head, 12, 4)) {
    case 'VP8 ':
      return { width: little(head, 26, 2) & 0x3fff, height: little(head, 28, 2) & 0x3fff }
    case 'VP8L': {
      const bits = little(head, 21, 4)
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8X':
      return { width: little(head, 24, 3) + 1, height: little(head, 27, 3) + 1 }
    default:
      return null
  }
}

/** ITU T.81, B.1.1: the frame header comes after segments of any kind, each with its length. */
function jpeg(head: Uint8Array): ImageSize | null {
  for (let at = 2; at + 9 <= head.length; ) {
    if (head[at] !== 0xff) return null
    const marker = head[at + 1] ?? 0
    if (marker === 0xff) {
      at++
      continue
    }
    if (isFrame(marker)) return { width: uint16(head, at + 7), height: uint16(head, at + 5) }
    const length = uint16(head, at + 2)
    if (length < 2) return null
    at += 2 + length
  }
  return null
}

/** SOF0 to SOF15; of that range DHT, JPG and DAC are other segments. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

/** ISO/IEC 23008-12, 6.5.3: the size stands in the box `ispe` of `meta/iprp/ipco`. The largest is that of the image itself. */
function avif(head: Uint8Array): ImageSize | null {
  const sizes = boxes(head, 0, head.length, ['meta', 'iprp', 'ipco', 'ispe']).map((at) => ({
    width: uint32(head, at + 4),
    height: uint32(head, at + 8),
  }))
  const area = ({ width, height }: ImageSize) => width * height
  return sizes.reduce<ImageSize | null>(
    (most, size) => (most && area(most) >= area(size) ? most : size),
    null,
  )
}

/** Where the contents of the boxes on this path begin. */
function boxes(bytes: Uint8Array, from: number, end: number, [name, ...path]: readonly string[]): number[] {
  const found: number[] = []
  for (let at = from; at + 8 <= end; ) {
    const size = uint32(bytes, at)
    if (size < 8) break
    const content = at + 8
    if (ascii(bytes, at + 4, 4) === name) {
      // `meta` has a version and flags in front of its boxes.
      const inner = name === 'meta' ? content + 4 : content
      if (!path.length) found.push(content)
      else found.push(...boxes(bytes, inner, Math.min(at + size, end), path))
    }
    at += size
  }
  return found
}
