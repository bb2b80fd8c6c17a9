import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contentDisposition, safeName } from '../../src/domain/file-name.ts'

test('a name is made safe', () => {
  const safe: [given: string, name: string][] = [
    ['menu.png', 'menu.png'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\temp\\menu.png', 'menu.png'],
    ['..', 'file'],
    ['.', 'file'],
    ['', 'file'],
    ['a/', 'file'],
    ['.bashrc', 'bashrc'],
    ['menu\0.png', 'menu.png'],
    ['menu\r\nSet-Cookie: a=b', 'menuSet-Cookie a=b'],
    ['\u001b[31mred', '[31mred'],
    ['cod\u202egnp.exe', 'codgnp.exe'],
    ['e\u0301.txt', '\u00e9.txt'],
    ['a\ud800.txt', 'a\ufffd.txt'],
    ['a  b\u3000c.txt', 'a b c.txt'],
    ['<script>"x"|?*.html', 'script x .html'],
    ['   ', 'file'],
    ['Grüße 東京.png', 'Grüße 東京.png'],
  ]
  for (const [given, name] of safe) assert.equal(safeName(given), name, JSON.stringify(given))
})

test('a long name keeps its extension, and no character is cut in two', () => {
  const name = safeName(`${'x'.repeat(1_000)}.png`)
  assert.equal(name, `${'x'.repeat(116)}.png`)
  assert.equal(safeName('👍'.repeat(1_000)), '👍'.repeat(120))
  assert.equal([...safeName(`a.${'x'.repeat(1_000)}`)].length, 120)
})

test('a header names it in ASCII, and beside that as it is (RFC 6266, 8187)', () => {
  assert.equal(contentDisposition('inline', 'menu.png'), 'inline; filename="menu.png"')
  assert.equal(
    contentDisposition('attachment', "Grüße '(1)'.txt"),
    `attachment; filename="Gr__e '(1)'.txt"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%27%281%29%27.txt`,
  )
  assert.equal(
    contentDisposition('inline', '👍.png'),
    `inline; filename="_.png"; filename*=UTF-8''%F0%9F%91%8D.png`,
  )
  // Some take %41 in a plain name for an A, and a quotation mark for its end.
  assert.equal(
    contentDisposition('attachment', 'a%41.txt'),
    `attachment; filename="a_41.txt"; filename*=UTF-8''a%2541.txt`,
  )
  // No name breaks out of its header.
  for (const name of [safeName('a\r\nb"; x=y'), 'a"b\\c'])
    assert.match(
      contentDisposition('attachment', name),
      /^attachment; filename="[^"\\\r\n]*"(; filename\*=[^"\r\n; ]+)?$/,
    )
})
