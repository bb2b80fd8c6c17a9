import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isInline, typeOf } from '../../src/domain/file-type.ts'
import { imageSize } from '../../src/domain/image-size.ts'
import { avif, gif, jpegOf, pngOf, webpAlpha, webpLossless, webpLossy } from '../support/images.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')
const box = (type: string, brands: string) =>
  Buffer.concat([Buffer.from([0, 0, 0, 24]), bytes(type + brands)])

test('a file is what its first bytes show', () => {
  const files: [head: Uint8Array, type: string][] = [
    [pngOf(1, 1), 'image/png'],
    [jpegOf(1, 1), 'image/jpeg'],
    [gif, 'image/gif'],
    [webpLossy, 'image/webp'],
    [avif, 'image/avif'],
    [box('ftyp', 'mif1\0\0\0\0avifmiaf'), 'image/avif'],
    [box('ftyp', 'isom\0\0\0\0isomavc1'), 'video/mp4'],
    [box('ftyp', 'M4A \0\0\0\0M4A isom'), 'video/mp4'],
    [bytes('\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm\x42\x87\x81\x04'), 'video/webm'],
    [bytes('ID3\x04\0\0'), 'audio/mpeg'],
    [Buffer.from([0xff, 0xfb, 0x90, 0x64]), 'audio/mpeg'],
    [bytes('OggS\0\x02'), 'audio/ogg'],
    [bytes('RIFF\x24\0\0\0WAVEfmt '), 'audio/wav'],
  ]
  for (const [head, type] of files) {
    assert.equal(typeOf(head), type)
    assert.equal(isInline(typeOf(head)), true)
  }
})

test('all else is only saved, whatever it is called', () => {
  const files = [
    '',
    'GIF8',
    '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    '<!DOCTYPE html><script>alert(1)</script>',
    ' \x89PNG\r\n\x1a\n',
    'PK\x03\x04',
    '%PDF-1.7',
    'RIFF\0\0\0\0AVI LIST',
    '\xff\xfe<\0h\0t\0m\0l\0',
    '\xfe\xff\0<',
    '\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska',
  ]
  for (const text of files) {
    assert.equal(typeOf(bytes(text)), 'application/octet-stream', text)
    assert.equal(isInline(typeOf(bytes(text))), false)
  }
  for (const brands of ['qt  \0\0\0\0qt  ', 'heic\0\0\0\0mif1heic', 'crx \0\0\0\0'])
    assert.equal(typeOf(box('ftyp', brands)), 'application/octet-stream', brands)
})

const sizeOf = (head: Uint8Array) => imageSize(typeOf(head), head)

test('an image has the size that its header says', () => {
  const images: [head: Uint8Array, width: number, height: number][] = [
    [pngOf(640, 480), 640, 480],
    [pngOf(64_000, 64_000), 64_000, 64_000],
    [jpegOf(1_280, 720), 1_280, 720],
    [jpegOf(1_280, 720, 60_000), 1_280, 720],
    [gif, 1, 1],
    [webpLossy, 1, 1],
    [webpLossless, 1, 1],
    [webpAlpha, 1, 1],
    [avif, 2, 2],
  ]
  for (const [head, width, height] of images) assert.deepEqual(sizeOf(head), { width, height })
})

test('a header that is cut off, or lies, says nothing and takes no time', () => {
  for (const image of [pngOf(3, 2), jpegOf(3, 2), gif, webpLossy, webpLossless, webpAlpha, avif])
    for (let length = 0; length < image.length; length++) {
      const size = sizeOf(image.subarray(0, length))
      assert.ok(size === null || (size.width <= 3 && size.height <= 2), `${length}`)
    }
  assert.equal(sizeOf(pngOf(0, 5)), null)
  assert.equal(sizeOf(bytes('no image')), null)
  // A segment of no length, a box of no length, and a box that holds itself.
  assert.equal(imageSize('image/jpeg', Buffer.from('ffd8ffe00000ffe00000ffe00000', 'hex')), null)
  assert.equal(imageSize('image/avif', Buffer.alloc(64 * 1024)), null)
  const nested = Buffer.concat(Array.from({ length: 8_000 }, () => bytes('\0\0\0\x08meta')))
  assert.equal(imageSize('image/avif', nested), null)
})
