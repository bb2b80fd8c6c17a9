import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTurns, type Turn, type TurnSignal, type Turns } from '../../src/store/mongo/log/turns.ts'

const group = 'group'
const turnMs = 1_500
let now = 0

/** Instances that hear at once of what one of them sends. */
function instances(...ids: string[]): Turns[] {
  const send = (signal: TurnSignal) => {
    for (const turns of all) turns.heard(signal)
  }
  const all = ids.map((instanceId) => createTurns({ instanceId, clock: () => now, send }))
  return all
}

function collide(turn: Turn | undefined): void {
  for (let i = 0; i < 4; i++) turn?.collided()
}

/** Whether it lets go on by now. */
async function isReady(turn: Turn | undefined): Promise<() => boolean> {
  let ready = false
  void Promise.resolve(turn?.ready()).then(() => {
    ready = true
  })
  await settled()
  return () => ready
}

const settled = (): Promise<void> => new Promise(setImmediate)

test('who collided four times in a row takes a turn, and the others wait until it is given back', async () => {
  const [far, near] = instances('far', 'near')
  const turn = far?.of(group)
  for (let i = 0; i < 3; i++) turn?.collided()
  assert.equal(turn?.isTaken, false)
  assert.equal(near?.of(group).ready(), undefined)
  turn?.collided()
  assert.equal(turn?.isTaken, true)
  assert.equal(turn?.ready(), undefined)
  assert.equal(near?.of('another group').ready(), undefined)
  const ready = await isReady(near?.of(group))
  assert.equal(ready(), false)
  turn?.end()
  await settled()
  assert.equal(ready(), true)
  assert.equal(near?.of(group).ready(), undefined)
})

test('who collided late takes a turn at once; for whom it waited is not its own slowness', async () => {
  const [far, near] = instances('far', 'near')
  const [slow, quick] = [far?.of(group), near?.of(group)]
  now += 300
  slow?.collided()
  assert.equal(slow?.isTaken, true)
  const ready = quick?.ready()
  now += 300
  slow?.end()
  await ready
  quick?.collided()
  assert.equal(quick?.isTaken, false)
})

test('a turn that is told again lasts', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const [far, near] = instances('far', 'near')
  const turn = far?.of(group)
  collide(turn)
  t.mock.timers.tick(turnMs - 1)
  turn?.collided()
  t.mock.timers.tick(turnMs - 1)
  assert.notEqual(near?.of(group).ready(), undefined)
})

test('a holder that is gone holds nobody up for longer than a turn', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const [far, near] = instances('far', 'near')
  collide(far?.of(group))
  const ready = await isReady(near?.of(group))
  t.mock.timers.tick(turnMs - 1)
  await settled()
  assert.equal(ready(), false)
  t.mock.timers.tick(1)
  await settled()
  assert.equal(ready(), true)
  assert.equal(near?.of(group).ready(), undefined)
})

test('of two who have a turn at once none waits, and the others wait for both', async () => {
  const [far, further, near] = instances('far', 'further', 'near')
  const turns = [far?.of(group), further?.of(group)]
  for (const turn of turns) collide(turn)
  for (const turn of turns) assert.equal(turn?.ready(), undefined)
  const ready = await isReady(near?.of(group))
  turns[0]?.end()
  await settled()
  assert.equal(ready(), false)
  turns[1]?.end()
  await settled()
  assert.equal(ready(), true)
})

test('those who take turns one after the other hold nobody up for longer than a turn', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const [far, further, near] = instances('far', 'further', 'near')
  collide(far?.of(group))
  const ready = await isReady(near?.of(group))
  t.mock.timers.tick(turnMs / 2)
  collide(further?.of(group))
  t.mock.timers.tick(turnMs / 2)
  await settled()
  assert.equal(ready(), true)
})
