import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isUsername, requirePassword } from '../../src/domain/account.ts'
import { missingMs } from '../../src/domain/budget.ts'
import { nameKey } from '../../src/domain/profile.ts'

test('a username is of letters of one script, digits, dots, underscores and hyphens', () => {
  const fine = [
    'abc',
    'a.b',
    'Ünal',
    'al-ice_2.0',
    'иван',
    'Ελένη',
    '王小明',
    'ながたカナ漢',
    '홍길동',
    'मीना',
    'ไกรสร',
    '123',
  ]
  for (const name of [...fine, 'a'.repeat(32), 'é'.normalize('NFD').repeat(32), 'ａｌｉｃｅ'])
    assert.ok(isUsername(name), name)
})

test('a username is no look-alike, nothing invisible, nothing too long or short', () => {
  const mixed = ['\u0430lice', 'p\u0430ypal', 'αlpha', 'аlpha', 'ℂlaire', '𝐚𝐥𝐢𝐜𝐞', 'ivanиван', '王-Ming']
  const hidden = ['a\u200bbc', 'a\u3164b', 'abc\u202e', 'ab\u00adc', 'abc\u0000', 'abc\ufe0f', 'abc\u034f']
  const strange = [
    'a b',
    'a~b',
    'a@b.c',
    'a/b',
    'ab\n',
    '<b>',
    "a'b",
    '👍👍👍',
    '\u0301abc',
    `a${'\u0308'.repeat(6)}bc`,
    'a\ud800b',
  ]
  for (const name of [...mixed, ...hidden, ...strange, '', 'ab', 'a'.repeat(33), 'e\u0301'.repeat(2)])
    assert.equal(isUsername(name), false, JSON.stringify(name))
})

test('names are the same in whatever case and form', () => {
  for (const [one, other] of [
    ['alice', 'ALICE'],
    ['alice', 'ａｌｉｃｅ'],
    ['Straße', 'STRASSE'],
    ['Σίσυφος', 'ΣΊΣΥΦΟΣ'],
    ['é', 'e\u0301'],
    ['ﬁnn', 'finn'],
  ] as const)
    assert.equal(nameKey(one), nameKey(other))
})

test('a password has 8 to 128 characters, and is neither the username nor a common one', () => {
  const check = (password: string) => requirePassword('password', password, 'Bartholomew')
  const fine = [
    'correct horse',
    'secretpass',
    'testpass123',
    'alicepass123',
    '🔑'.repeat(8),
    'x1'.repeat(64),
    '        ',
  ]
  for (const password of fine) check(password)
  const bad = [
    '',
    'short12',
    '🔑'.repeat(7),
    'x'.repeat(129),
    'bartholomew',
    'ＢＡＲＴＨＯＬＯＭＥＷ',
    'a\ud800bcdefgh',
  ]
  const common = [
    'password',
    'PassWord',
    '12345678',
    'qwertyuiop',
    'iloveyou',
    'sunshine',
    'password123',
    'trustno1',
  ]
  for (const password of [...bad, ...common])
    assert.throws(
      () => check(password),
      (error: { code?: string; message: string }) =>
        error.code === 'invalid' && !/short12|qwerty|sunshine/.test(error.message),
      JSON.stringify(password),
    )
})

test('a budget counts in any span of its length', () => {
  const budget = { most: 3, windowMs: 100 }
  assert.equal(missingMs(budget, [], 0), 0)
  assert.equal(missingMs(budget, [1, 2], 3), 0)
  assert.equal(missingMs(budget, [0, 1, 2], 3), 97)
  assert.equal(missingMs(budget, [0, 1, 2, 50], 60), 41)
  assert.equal(missingMs(budget, [0, 1, 2], 100), 0)
})
