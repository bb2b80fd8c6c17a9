/** So many of a file's first bytes are enough to tell what it is, and how large an image is but for a rare JPEG. */
export const headBytes = 64 * 1024

/** What is shown where it stands, by the type that a browser is told. Each shows itself by its first bytes, and runs nothing. */
const inline = [
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
  'video/mp4',
  'video/webm',
  'audio/mpeg',
  'audio/ogg',
  'audio/wav',
] as const

/** Everything else: it is only ever saved. */
const opaque = 'application/octet-stream'

export type FileSort = (typeof inline)[number] | typeof opaque

/** All that a file can be. */
export const fileTypes: readonly FileSort[] = [...inline, opaque]

export const isInline = (type: FileSort): boolean => type !== opaque

/** What a file is by its first bytes, whatever anybody calls it. */
export function typeOf(head: Uint8Array): FileSort {
  const has = (offset: number, text: string) => ascii(head, offset, text.length) === text
  if (has(0, '\x89PNG\r\n\x1a\n')) return 'image/png'
  if (has(0, '\xff\xd8\xff')) return 'image/jpeg'
  if (has(0, 'GIF87a') || has(0, 'GIF89a')) return 'image/gif'
  if (has(0, 'RIFF') && has(8, 'WEBP')) return 'image/webp'
  if (has(0, 'RIFF') && has(8, 'WAVE')) return 'audio/wav'
  if (has(0, 'OggS\0')) return 'audio/ogg'
  if (has(0, 'ID3') || isMpegFrame(head)) return 'audio/mpeg'
  if (has(4, 'ftyp')) return typeByBrands(head)
  if (has(0, '\x1a\x45\xdf\xa3') && docType(head) === 'webm') return 'video/webm'
  return opaque
}

/** Each byte as the character of that number. */
export function ascii(bytes: Uint8Array, offset: number, length: number): string {
  let text = ''
  for (const byte of bytes.subarray(offset, offset + length)) text += String.fromCharCode(byte)
  return text
}

export const uint32 = (bytes: Uint8Array, offset: number): number =>
  ((bytes[offset] ?? 0) * 0x1000000 +
    (((bytes[offset + 1] ?? 0) << 16) | ((bytes[offset + 2] ?? 0) << 8) | (bytes[offset + 3] ?? 0))) >>>
  0

/** Of a brand there are four characters. */
const mp4Brands = new Set([
  ...['isom', 'iso2', 'iso3', 'iso4', 'iso5', 'iso6', 'iso7', 'iso8', 'iso9', 'mp41', 'mp42'],
  ...['avc1', 'dash', 'M4V ', 'M4A ', 'MSNV'],
])

/** ISO/IEC 14496-12, 4.3: the first box names the formats that the file keeps to. */
function typeByBrands(head: Uint8Array): FileSort {
  const end = Math.min(uint32(head, 0), head.length, 256)
  const brands = [ascii(head, 8, 4)]
  for (let at = 16; at + 4 <= end; at += 4) brands.push(ascii(head, at, 4))
  const [major = ''] = brands
  if (major === 'avif' || major === 'avis') return 'image/avif'
  if (brands.includes('avif') && (major === 'mif1' || major === 'msf1')) return 'image/avif'
  return mp4Brands.has(major) ? 'video/mp4' : opaque
}

/** MPEG audio, layer III, with a bit rate and a sample rate that there are (ISO/IEC 11172-3, 2.4.1.3). */
function isMpegFrame([first = 0, second = 0, third = 0]: Uint8Array): boolean {
  const isSync = first === 0xff && (second & 0xe0) === 0xe0
  const version = (second >> 3) & 3
  const layer = (second >> 1) & 3
  const [bitRate, sampleRate] = [third >> 4, (third >> 2) & 3]
  return isSync && version !== 1 && layer === 1 && bitRate !== 0 && bitRate !== 15 && sampleRate !== 3
}

/** The DocType of an EBML header (RFC 8794, 11.2.6), which stands among the first bytes. */
function docType(head: Uint8Array): string {
  const text = ascii(head, 0, 64)
  const at = text.indexOf('\x42\x82')
  return at < 0 ? '' : text.slice(at + 3, at + 3 + (text.charCodeAt(at + 2) & 0x7f))
}
