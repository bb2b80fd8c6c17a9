import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { GroupEvent } from '../../src/domain/events.ts'
import { createAudience } from '../../src/hub/audience.ts'
import type { Encode } from '../../src/hub/encode.ts'
import { fakeListener } from './fake-listener.ts'

const typing = (userId: string): GroupEvent & { userId: string } => ({
  type: 'typing',
  groupId: 'g',
  userId,
  state: 'start',
})

/** Words that count how often an event was put into them; `lacks`: a type that they have no word for. */
function words(name: string, lacks?: GroupEvent['type']) {
  const put: string[] = []
  const encode: Encode = (event) => {
    put.push(event.type)
    return event.type === lacks ? null : Buffer.from(`${name}:${event.type} `)
  }
  return { encode, put }
}

test('an event is put into the words of each API once, whoever listens, and into none that nobody listens in', async () => {
  const audience = createAudience()
  const [core, rooms, chats] = [words('core'), words('rooms', 'group_deleted'), words('chats')]
  const listeners = [
    ...['ann', 'ben', 'cem'].map((userId) => fakeListener(userId, core.encode)),
    ...['dee', 'eve'].map((userId) => fakeListener(userId, rooms.encode)),
  ]
  for (const each of listeners) audience.join(each)
  const alone = fakeListener('fay', chats.encode)
  audience.join(alone)
  assert.equal(audience.size, 6)
  assert.equal(audience.leave(alone), true)
  assert.equal(audience.leave(alone), false)

  audience.emit(typing('ann'))
  audience.emit({ type: 'group_deleted', groupId: 'g' })
  await turn()
  assert.deepEqual(
    [core.put, rooms.put, chats.put],
    [['typing', 'group_deleted'], ['typing', 'group_deleted'], []],
  )
  const [first, , , fourth] = listeners
  assert.equal(first?.heard, 'core:typing core:group_deleted ')
  assert.equal(fourth?.heard, 'rooms:typing ', 'there is no word for the other one')
  assert.deepEqual([...audience], listeners)
})

test('what is no news to somebody is told to the others, in all words', async () => {
  const audience = createAudience()
  const [core, rooms] = [words('core'), words('rooms')]
  const [ann, ben, cem] = [
    fakeListener('ann', core.encode),
    fakeListener('ben', rooms.encode),
    fakeListener('cem', rooms.encode),
  ]
  for (const each of [ann, ben, cem]) audience.join(each)
  audience.emitToOthers([typing('ann'), typing('ben')])
  await turn()
  assert.deepEqual(
    [ann.heard, ben.heard, cem.heard],
    ['core:typing ', 'rooms:typing ', 'rooms:typing rooms:typing '],
  )
})
