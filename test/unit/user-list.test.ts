import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { difference, distinct } from '../../src/domain/user-list.ts'

const users = fc.array(fc.constantFrom('ann', 'bob', 'cem', 'dee', 'eve', 'fay'), { maxLength: 8 })

test('who came and who went are told in the order of their lists, each once', () => {
  fc.assert(
    fc.property(users, users, (one, two) => {
      const [before, after] = [distinct(one), distinct(two)]
      const { added, removed, isSame, isAppended } = difference(before, after)
      assert.deepEqual(
        added,
        after.filter((user) => !before.includes(user)),
      )
      assert.deepEqual(
        removed,
        before.filter((user) => !after.includes(user)),
      )
      assert.equal(isSame, before.join() === after.join())
      const stayed = before.filter((user) => after.includes(user))
      assert.equal(isAppended, [...stayed, ...added].join() === after.join())
    }),
  )
})
