import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type FindMention,
  firstLine,
  format,
  isEmojiOnly,
  isLong,
} from '../../dashboard/chat/timeline/format.ts'

const people: FindMention = (name) =>
  name === 'me' ? 'own' : ['alice', 'tom.b', 'zoë'].includes(name) ? 'other' : null

/** `text`, `[link]`, `<mention>`, `{code}`, `{{block}}`. */
const shown = (text: string): string =>
  format(text, people)
    .map((part) => {
      if (part.kind === 'link') return `[${part.text}]`
      if (part.kind === 'mention') return part.isOwn ? `<<${part.text}>>` : `<${part.text}>`
      if (part.kind === 'code') return `{${part.text}}`
      return part.kind === 'block' ? `{{${part.text}}}` : part.text
    })
    .join('')

test('links are those of http, https and mailto, without the punctuation of the sentence', () => {
  const cases = {
    'see https://a.b/c.': 'see [https://a.b/c].',
    'HTTP://A.B?x=1,y!': '[HTTP://A.B?x=1,y]!',
    '(https://a.b/c)': '([https://a.b/c])',
    '(see https://a.b/c_(d))': '(see [https://a.b/c_(d)])',
    'https://a.b/[x]]': '[https://a.b/[x]]]',
    '"https://a.b/c"': '"[https://a.b/c]"',
    '<https://a.b/c>': '<[https://a.b/c]>',
    'https://a.b/c...\nhttps://d.e': '[https://a.b/c]...\n[https://d.e]',
    'mailto:a@b.de?': '[mailto:a@b.de]?',
    'mailto:nobody': 'mailto:nobody',
    'https://': 'https://',
    'https://münchen.de/straße': '[https://münchen.de/straße]',
    'xhttps://a.b': 'xhttps://a.b',
    'javascript:alert(1) data:text/html,x ftp://a.b file:///etc vbscript:x':
      'javascript:alert(1) data:text/html,x ftp://a.b file:///etc vbscript:x',
    '<img src=x onerror=alert(1)>': '<img src=x onerror=alert(1)>',
  }
  for (const [text, expected] of Object.entries(cases)) assert.equal(shown(text), expected, text)
  for (const part of format('https://a.b/"onclick= mailto:x@y https://user:pw@c.d', people))
    if (part.kind === 'link') assert.match(part.href, /^(https?|mailto):/)
})

test('code is in backticks and fences, and nothing in it is anything else', () => {
  const cases = {
    'a `b` c': 'a {b} c',
    '`https://a.b @alice`': '{https://a.b @alice}',
    'a ` b': 'a ` b',
    '``': '``',
    '`a\nb`': '`a\nb`',
    '```\na\n  b\n```': '{{a\n  b}}',
    '```ts\nconst a = `b`\n```\nafter': '{{const a = `b`}}after',
    'before ```x``` after': 'before {{x}} after',
    '```\nopen': '```\nopen',
    '``````': '``````',
    '`````` ```a```': '`````` {{a}}',
  }
  for (const [text, expected] of Object.entries(cases)) assert.equal(shown(text), expected, text)
})

test('mentions are of people who are known, and not within a word', () => {
  const cases = {
    'hi @alice!': 'hi <@alice>!',
    '@me, @zoë.': '<<@me>>, <@zoë>.',
    '@tom.b @tom.b. @tom': '<@tom.b> <@tom.b>. @tom',
    'a@alice.de @nobody @': 'a@alice.de @nobody @',
    '@@alice (@alice)': '@<@alice> (<@alice>)',
  }
  for (const [text, expected] of Object.entries(cases)) assert.equal(shown(text), expected, text)
})

test('no text is lost', () => {
  const text = 'a https://b.c/d). @alice e@f `g` ` ``` h @me\n\n mailto:i@j http://['
  const whole = format(text, people)
    .map((part) => (part.kind === 'code' ? `\`${part.text}\`` : part.text))
    .join('')
  assert.equal(whole, text)
})

test('what a text takes grows with its length alone', () => {
  const patterns = [
    '`',
    '```',
    '`\n',
    '@',
    '@a',
    '@a.',
    'http://',
    'http://[',
    'http://a)',
    'mailto:',
    '(',
    ')',
    '``` ',
    'http://a?.,;:!',
    '😀',
  ]
  for (const pattern of [...patterns, ...patterns.map((one) => `x ${one}`)]) {
    for (const before of ['', 'https://a.b/', '@', '`', '```']) {
      const text = before + pattern.repeat(300_000 / pattern.length)
      const start = performance.now()
      format(text, people)
      isEmojiOnly(text)
      isLong(text)
      firstLine(text)
      // Squared it would be minutes.
      const ms = performance.now() - start
      assert.ok(ms < 2_000, `${before}${pattern}: ${Math.round(ms)} ms`)
    }
  }
})

test('some emoji and nothing else are larger', () => {
  for (const text of ['👍', '🎉 🎉', '👨‍👩‍👧‍👦❤️\n', '🇩🇪']) assert.ok(isEmojiOnly(text), text)
  for (const text of ['', ' ', '1', '👍!', 'a 👍', '👍'.repeat(9)]) assert.ok(!isEmojiOnly(text), text)
})

test('long texts are folded, by their characters and their lines', () => {
  for (const text of ['a'.repeat(3_000), 'a\n'.repeat(20)]) assert.ok(!isLong(text))
  for (const text of ['a'.repeat(3_001), 'a\n'.repeat(100)]) assert.ok(isLong(text))
  assert.equal(firstLine('\n  one\ntwo'), 'one')
})
