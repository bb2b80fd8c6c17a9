import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Live } from '../../src/chat/live.ts'
import { ChatError } from '../../src/domain/errors.ts'
import { openScope } from '../../src/ws/scope.ts'

const by = { userId: 'mia', admin: false }

test('what a place holds for a socket is given up where its user may not listen', async () => {
  let held = 0
  const place = {
    path: '/rooms/:room',
    async scopeOf() {
      held++
      return { groupId: '65c1e2c4b7d2f3a9c8e10b77', end: () => void held-- }
    },
  }
  const refuse = async () => {
    throw new ChatError('banned', 'Banned.')
  }
  const live: Pick<Live, 'subscribe' | 'subscribeAll'> = { subscribe: refuse, subscribeAll: refuse }
  const asked = { place, parameter: 'tea', after: undefined, silent: false }
  await assert.rejects(
    openScope(live, by, asked, () => null),
    { code: 'banned' },
  )
  assert.equal(held, 0)
})
