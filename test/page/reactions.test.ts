import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownReactions, withWish } from '../../dashboard/chat/model/reactions.ts'
import { createWishes } from '../../dashboard/chat/model/wishes.ts'
import type { Message } from '../../src/client/types.ts'
import { messageOf } from './model-samples.ts'

const reaction = (emoji: string, count: number, ...user_ids: string[]) => ({ emoji, count, user_ids })
const told = ({ reactions, my_reactions }: Message) => [
  reactions.map(({ emoji, count }) => `${emoji} ${count}`),
  my_reactions,
]

test('of a told state the own reactions are known, also in a crowd whose names it does not tell', () => {
  const few = [reaction('👍', 2, 'ann', 'me'), reaction('🎉', 1, 'ann')]
  assert.deepEqual(ownReactions(few, ['🎉'], [], 'me'), ['👍'])
  const many = [reaction('👍', 30, 'ann')]
  assert.deepEqual(ownReactions(many, [], [], 'me'), [])
  assert.deepEqual(ownReactions(many, ['👍'], [], 'me'), ['👍'])
  assert.deepEqual(ownReactions(many, [], [{ emoji: '👍', user_id: 'me', added: true }], 'me'), ['👍'])
  assert.deepEqual(ownReactions(many, ['👍'], [{ emoji: '👍', user_id: 'me', added: false }], 'me'), [])
  assert.deepEqual(ownReactions(many, [], [{ emoji: '👍', user_id: 'ben', added: true }], 'me'), [])
})

test('a wish adds the own reaction, or takes it away, and does nothing twice', () => {
  const message = messageOf(1, { reactions: [reaction('👍', 1, 'ann')], my_reactions: [] })
  const wished = withWish(message, '👍', true, 'me')
  assert.deepEqual(told(wished), [['👍 2'], ['👍']])
  assert.equal(withWish(wished, '👍', true, 'me'), wished)
  assert.deepEqual(told(withWish(wished, '👍', false, 'me')), [['👍 1'], []])
  const alone = withWish(messageOf(1), '🎉', true, 'me')
  assert.deepEqual(told(withWish(alone, '🎉', false, 'me')), [[], []])
})

test('a wish stays on what is told meanwhile; a refusal leaves what was told', () => {
  const wishes = createWishes('me')
  const before = messageOf(1)
  const wish = wishes.wish(before, '👍', true)
  assert.deepEqual(told(wishes.on(before)), [['👍 1'], ['👍']])
  const others = messageOf(1, { reactions: [reaction('👍', 1, 'ann')], my_reactions: [] })
  assert.deepEqual(told(wishes.on(others)), [['👍 2'], ['👍']])
  assert.deepEqual(told(wish.settle(null) as Message), [['👍 1'], []])
  assert.equal(wishes.on(others), others)
})

test('an answer that may be older than what was told since adds nothing but the own reaction', () => {
  const wishes = createWishes('me')
  const wish = wishes.wish(messageOf(1), '👍', true)
  const later = messageOf(1, { reactions: [reaction('👍', 5, 'ann')], my_reactions: [] })
  wishes.told('m1')
  wishes.on(later)
  const answer = { reactions: [reaction('👍', 1, 'me')], my_reactions: ['👍'] }
  assert.deepEqual(told(wish.settle(answer) as Message), [['👍 6'], ['👍']])
  const again = wishes.wish(messageOf(2), '👍', true)
  assert.deepEqual(told(again.settle(answer) as Message), [['👍 1'], ['👍']])
})
