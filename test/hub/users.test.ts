import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createUsers } from '../../src/hub/users.ts'

const opened = (groupId: string) => ({ type: 'group_opened', groupId }) as const

test('a user is told in every place where somebody listens for them, and nobody else', () => {
  const users = createUsers()
  const heard: string[] = []
  const stops = ['here', 'there'].map((place) =>
    users.listen('ann', ({ groupId }) => heard.push(`${place} ${groupId}`)),
  )
  users.listen('bob', () => assert.fail('told to another'))
  users.tell('ann', opened('a'))
  assert.deepEqual(heard, ['here a', 'there a'])
  stops[0]?.()
  users.tell('ann', opened('b'))
  assert.deepEqual(heard.slice(2), ['there b'])
  assert.deepEqual([...users.ids], ['ann', 'bob'])
})

test('who stops twice takes nobody else with them, and a user without listeners is forgotten', () => {
  const users = createUsers()
  const stop = users.listen('ann', () => assert.fail('it was stopped'))
  stop()
  assert.equal(users.size, 0)
  const heard: string[] = []
  users.listen('ann', ({ groupId }) => heard.push(groupId))
  stop()
  users.tell('ann', opened('a'))
  users.tell('nobody', opened('a'))
  assert.deepEqual(heard, ['a'])
})
