import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type ClientState, connect, RefusedError } from '../../src/client/client.ts'
import { tokenFor } from '../support/process.ts'
import { startService } from '../support/service.ts'

const service = await startService()
after(() => service[Symbol.asyncDispose]())

test('a message that is too big is refused, once; what waits beside it is sent', async () => {
  const { id: groupId } = await (await service.api('ann')).createGroup('group', [])
  const codes: number[] = []
  const client = connect({
    url: service.base,
    groupId,
    token: () => tokenFor('ann'),
    onEvent: () => {},
    onState: (state) => state.state === 'waiting' && codes.push(state.code),
  })
  try {
    const [huge, small] = await Promise.allSettled([client.send('x'.repeat(200_000)), client.send('small')])
    assert.ok(huge.status === 'rejected' && huge.reason instanceof RefusedError)
    assert.equal(huge.reason.code, 'too_large')
    assert.ok(small.status === 'fulfilled')
    assert.equal(small.value.content, 'small')
    assert.equal(codes.at(-1), 1009, 'it comes back once more, without it')
  } finally {
    client.close()
  }
})

test('a token that can not be sent is asked for again; an address that is none is refused at once', async () => {
  const { id: groupId } = await (await service.api('ann')).createGroup('group', [])
  const tokens = ['no, not this', await tokenFor('ann')]
  const states: ClientState['state'][] = []
  const opened = Promise.withResolvers<void>()
  const client = connect({
    url: service.base,
    groupId,
    token: () => tokens.shift() ?? '',
    onEvent: () => {},
    onState({ state }) {
      states.push(state)
      if (state === 'open') opened.resolve()
    },
  })
  await opened.promise
  client.close()
  assert.deepEqual(states, ['connecting', 'waiting', 'connecting', 'open', 'closed'])
  assert.throws(() => connect({ url: 'nowhere', groupId, token: '', onEvent: () => {} }), TypeError)
})
