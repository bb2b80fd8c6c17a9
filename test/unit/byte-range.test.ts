import assert from 'node:assert/strict'
import { test } from 'node:test'
import { byteRange, isStill, matchesTag } from '../../src/domain/byte-range.ts'

test('one range is answered', () => {
  const parts: [header: string, start: number, end: number][] = [
    ['bytes=0-0', 0, 0],
    ['bytes=2-4', 2, 4],
    ['bytes=5-', 5, 9],
    ['bytes=5-99', 5, 9],
    ['bytes=-3', 7, 9],
    ['bytes=-99', 0, 9],
    ['Bytes= 2-4 ', 2, 4],
  ]
  for (const [header, start, end] of parts) assert.deepEqual(byteRange(header, 10), { start, end }, header)
})

test('what begins after the end is of nothing', () => {
  for (const header of ['bytes=10-', 'bytes=10-12', 'bytes=-0', 'bytes=999999999999999-'])
    assert.equal(byteRange(header, 10), null, header)
  for (const header of ['bytes=0-', 'bytes=0-0', 'bytes=-1']) assert.equal(byteRange(header, 0), null, header)
})

test('what is no range, or several, is passed over', () => {
  const many = `bytes=${Array.from({ length: 200 }, (_, n) => `${n}-${n}`).join(',')}`
  for (const header of [
    undefined,
    '',
    'bytes=',
    'bytes=-',
    'bytes=4-2',
    'lines=1-2',
    'bytes=0x1-',
    'bytes=1-2,4-5',
    many,
  ])
    assert.equal(byteRange(header, 10), undefined, header)
})

test('tags are compared as RFC 9110 has it', () => {
  for (const header of ['"a"', 'W/"a"', '"b", "a"', '*', ' * '])
    assert.equal(matchesTag(header, '"a"'), true, header)
  for (const header of [undefined, '', '"b"', 'a']) assert.equal(matchesTag(header, '"a"'), false, header)
  assert.equal(isStill(undefined, '"a"'), true)
  assert.equal(isStill('"a"', '"a"'), true)
  for (const header of ['W/"a"', '"b"', 'Thu, 01 Jan 2026 00:00:00 GMT'])
    assert.equal(isStill(header, '"a"'), false)
})
