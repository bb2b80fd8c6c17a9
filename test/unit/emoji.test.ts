import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Emoji, toEmoji } from '../../src/domain/emoji.ts'
import { isValid } from '../../src/domain/validate.ts'

test('an emoji has one spelling, the fully-qualified one', () => {
  const spellings = {
    '❤️': ['❤', '❤️'],
    '👍': ['👍', '👍\ufe0f'],
    '👍🏽': ['👍🏽', '👍🏽\ufe0f'],
    '☝🏽': ['☝🏽'],
    '#️⃣': ['#\u20e3', '#️⃣'],
    '👁️‍🗨️': ['👁‍🗨', '👁️‍🗨', '👁️‍🗨️'],
    '🏳️‍🌈': ['🏳‍🌈', '🏳️‍🌈'],
    '🕵🏽‍♂️': ['🕵🏽‍♂', '🕵🏽‍♂️'],
    '❤️‍🔥': ['❤‍🔥', '❤️‍🔥'],
    '👩🏽‍❤️‍💋‍👨🏿': ['👩🏽‍❤‍💋‍👨🏿'],
    '👨‍👩‍👧‍👦': ['👨‍👩‍👧‍👦'],
    '🇩🇪': ['🇩🇪'],
    '🏴󠁧󠁢󠁥󠁮󠁧󠁿': ['🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
    '©️': ['©'],
  }
  for (const [emoji, given] of Object.entries(spellings))
    for (const spelling of given) assert.equal(toEmoji(spelling), emoji, JSON.stringify(spelling))
})

test('every emoji of one character that Unicode has is taken, but for parts of others', () => {
  const refused: string[] = []
  for (let code = 0; code < 0x20000; code++) {
    const character = String.fromCodePoint(code)
    if (/^\p{Emoji}$/u.test(character) && toEmoji(character) === null) refused.push(character)
  }
  assert.ok(refused.every((character) => /^[0-9#*]$|^\p{Regional_Indicator}$/u.test(character)))
})

test('what is not exactly one emoji is none', () => {
  for (const value of [
    '',
    'a',
    '1',
    '+1',
    ':+1:',
    '👍👍',
    ' 👍',
    '🇩',
    '👍\u200d',
    '\ufe0f',
    '👍'.repeat(1_000),
  ]) {
    assert.equal(toEmoji(value), null, JSON.stringify(value))
    assert.equal(isValid(Emoji, value), false, JSON.stringify(value))
  }
  assert.equal(isValid(Emoji, '👍'), true)
})
