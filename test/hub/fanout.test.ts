import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { createFanout } from '../../src/hub/fanout.ts'
import { fakeListener } from './fake-listener.ts'

const crowd = 2_500

const packet = (text: string) => Buffer.from(text)

async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await turn()
}

test('what one turn brings is one packet', async () => {
  const fanout = createFanout()
  const one = fakeListener()
  fanout.join(one)
  for (const text of ['a', 'b', 'c']) fanout.write(packet(text))
  assert.equal(one.heard, '')
  await turn()
  assert.deepEqual([one.heard, one.packets], ['abc', 1])
})

test('a crowd is served a thousand a turn; what comes meanwhile is gathered', async () => {
  const fanout = createFanout(undefined, () => 0)
  const listeners = Array.from({ length: crowd }, () => fakeListener())
  for (const each of listeners) fanout.join(each)
  const served = (text: string) => listeners.filter(({ heard }) => heard.includes(text)).length
  fanout.write(packet('a'))
  await turn()
  assert.equal(served('a'), 1_000)
  fanout.write(packet('b'))
  fanout.write(packet('c'))
  await turn()
  assert.deepEqual([served('a'), served('b')], [2_000, 0])
  await settled()
  assert.ok(listeners.every(({ heard, packets }) => heard === 'abc' && packets === 2))
})

test('a crowd whose peers take their time is served fewer a turn', async () => {
  let ms = 0
  const fanout = createFanout(undefined, () => ms)
  const listeners = Array.from({ length: crowd }, () => fakeListener())
  for (const each of listeners) {
    each.deliver = () => {
      each.packets++
      ms += 0.1
    }
    fanout.join(each)
  }
  fanout.write(packet('a'))
  await turn()
  const served = () => listeners.filter(({ packets }) => packets === 1).length
  assert.ok(served() >= 100 && served() <= 150, `${served()}`)
  await settled()
  assert.ok(served() > 2_000)
})

test('who joins hears what is written from then on, also while a crowd is being served', async () => {
  const fanout = createFanout()
  const old = Array.from({ length: crowd }, () => fakeListener())
  for (const each of old) fanout.join(each)
  fanout.write(packet('a'))
  await turn()
  fanout.write(packet('b'))
  const late = fakeListener()
  fanout.join(late)
  fanout.write(packet('c'))
  await settled()
  assert.equal(late.heard, 'c')
  assert.ok(old.every(({ heard }) => heard === 'abc'))
})

test('who leaves has heard all that was written before, and hears nothing after it', async () => {
  const fanout = createFanout()
  const listeners = Array.from({ length: crowd }, () => fakeListener())
  for (const each of listeners) fanout.join(each)
  fanout.write(packet('a'))
  await turn()
  fanout.write(packet('b'))
  const [first, last] = [listeners[0], listeners.at(-1)]
  assert.ok(first && last)
  assert.ok(fanout.leave(first) && fanout.leave(last))
  assert.equal(fanout.leave(first), false)
  fanout.write(packet('c'))
  await settled()
  assert.deepEqual([first.heard, last.heard], ['ab', 'ab'])
  assert.ok(listeners.slice(1, -1).every(({ heard }) => heard === 'abc'))
  assert.equal(fanout.size, crowd - 2)
})

test('one user can be given something else, in order with the rest', async () => {
  const fanout = createFanout()
  const [ann, ben, eve] = ['ann', 'ben', 'eve'].map((userId) => fakeListener(userId))
  assert.ok(ann && ben && eve)
  for (const each of [ann, ben, eve]) fanout.join(each)
  fanout.write(packet('1'))
  const instead: Record<string, Buffer> = { ann: packet('ann'), ben: packet('') }
  fanout.write(packet('all'), ({ by }) => instead[by.userId])
  fanout.write(packet('2'))
  await settled()
  assert.deepEqual([ann.heard, ben.heard, eve.heard], ['1ann2', '12', '1all2'])
})

test('after many comings and goings everybody still hears all, once', async () => {
  const fanout = createFanout()
  const stays = fakeListener()
  fanout.join(stays)
  let expected = ''
  for (let round = 0; round < 300; round++) {
    const guest = fakeListener()
    fanout.join(guest)
    fanout.write(packet(`${round} `))
    expected += `${round} `
    if (round % 3) await turn()
    fanout.leave(guest)
    assert.equal(guest.heard, `${round} `)
  }
  await settled()
  assert.equal(stays.heard, expected)
})
