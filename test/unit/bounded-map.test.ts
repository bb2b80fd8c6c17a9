import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createBoundedMap } from '../../src/domain/bounded-map.ts'

test('what was used longest ago makes room', () => {
  const map = createBoundedMap<number>(2)
  map.set('a', 1)
  map.set('b', 2)
  assert.equal(map.get('a'), 1)
  map.set('c', 3)
  assert.deepEqual([map.peek('a'), map.peek('b'), map.peek('c')], [1, undefined, 3])
})

test('a look is no use, and a new value is one', () => {
  const map = createBoundedMap<number>(2)
  map.set('a', 1)
  map.set('b', 2)
  map.set('a', 10)
  assert.equal(map.peek('b'), 2)
  map.set('c', 3)
  assert.deepEqual([map.peek('a'), map.peek('b'), map.peek('c')], [10, undefined, 3])
})

test('what weighs more than all the room is not kept, drives nothing out, and leaves its key empty', () => {
  const map = createBoundedMap<string>(10, (value, key) => key.length + value.length)
  map.set('a', 'xxx')
  map.set('b', 'xxx')
  map.set('b', 'x'.repeat(10))
  assert.deepEqual([map.peek('a'), map.peek('b')], ['xxx', undefined])
  map.set('c', 'xxxxx')
  assert.deepEqual([map.size, map.peek('a'), map.peek('c')], [2, 'xxx', 'xxxxx'])
})

test('whatever is done, it holds the entries used last that fit, as a plain list would', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e')
  const step = fc.oneof(
    fc.record({ set: key, value: fc.integer({ min: 1, max: 8 }) }, { noNullPrototype: true }),
    fc.record({ get: key }, { noNullPrototype: true }),
    fc.record({ delete: key }, { noNullPrototype: true }),
    fc.constant({ clear: true }),
  )
  for (const weighed of [false, true])
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 12 }), (steps, most) => {
        const weight = (value: number) => (weighed ? value : 1)
        const map = weighed ? createBoundedMap<number>(most, weight) : createBoundedMap<number>(most)
        let list: [string, number][] = []
        const without = (key: string) => list.filter(([other]) => other !== key)
        for (const step of steps) {
          if ('set' in step) {
            map.set(step.set, step.value)
            list = without(step.set)
            if (weight(step.value) <= most) list.push([step.set, step.value])
            while (list.reduce((sum, [, value]) => sum + weight(value), 0) > most) list.shift()
          } else if ('get' in step) {
            const found = list.find(([key]) => key === step.get)
            assert.equal(map.get(step.get), found?.[1])
            if (found) list = [...without(step.get), found]
          } else if ('delete' in step) {
            map.delete(step.delete)
            list = without(step.delete)
          } else {
            map.clear()
            list = []
          }
          assert.equal(map.size, list.length)
          for (const key of ['a', 'b', 'c', 'd', 'e'])
            assert.equal(map.peek(key), list.find(([other]) => other === key)?.[1])
        }
      }),
    )
})
