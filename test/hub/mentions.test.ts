import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMentionTeller } from '../../src/hub/mentions.ts'
import { createUsers } from '../../src/hub/users.ts'
import { setUp } from './set-up.ts'

test('mentions of one group are told in the order in which they came, however long each takes to look up', async () => {
  await using chat = await setUp()
  const users = createUsers()
  const slow = Promise.withResolvers<void>()
  let lookUps = 0
  const teller = createMentionTeller({
    store: {
      blocks: chat.store.blocks,
      members: {
        ...chat.store.members,
        async among(groupId, userIds) {
          if (lookUps++ === 0) await slow.promise
          return chat.store.members.among(groupId, userIds)
        },
      },
    },
    users,
    now: Date.now,
    onError: assert.fail,
  })
  const heard: string[] = []
  const done = Promise.withResolvers<void>()
  users.listen('bob', (event) => {
    if (event.type === 'mention') heard.push(event.message.content)
    if (heard.length === 2) done.resolve()
  })
  const called = async (content: string) => ({ ...(await chat.send(content)), mentions: ['bob'] })
  const [first, last] = [await called('first'), await called('last')]
  teller.message(first)
  teller.message(last)
  while (lookUps < 2) await new Promise(setImmediate)
  slow.resolve()
  await done.promise
  assert.deepEqual(heard, ['first', 'last'])
})
