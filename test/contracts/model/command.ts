import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Caller } from '../../../src/domain/caller.ts'
import { ChatError } from '../../../src/domain/errors.ts'
import { t0 } from '../../support/samples.ts'
import type { ReferenceStore } from '../reference/store.ts'

/** The ids of one run. They are few, so that commands meet each other. */
export interface Ids {
  groups: readonly string[]
  /** Three ids for each group. The n-th is for group n % 3, because an id is made from its group and never serves two. */
  messages: readonly string[]
  /** Three ids for each group, as of messages. */
  files: readonly string[]
  /** Users of this run only, because other runs may have used the same store. */
  user(n: number): string
}

export interface Model {
  reference: ReferenceStore
  ids: Ids
  /** A group is made only once, because each store may decide whether the id of a deleted one can be used again. */
  made: Set<number>
}

export type Command = fc.AsyncCommand<Model, ReferenceStore>
export type Call = (store: ReferenceStore, ids: Ids) => Promise<unknown>

/** Calls both stores, which have to answer the same. */
export const command = (name: string, values: object, call: Call): Command => ({
  check: () => true,
  run: (model, real) => same(model, real, call),
  toString: () => `${name}(${JSON.stringify(values)})`,
})

export const same = async ({ reference, ids }: Model, real: ReferenceStore, call: Call): Promise<void> =>
  assert.deepEqual(await outcome(call(real, ids)), await outcome(call(reference, ids)))

/** The outcome of a call: its result, or its error's code. */
const outcome = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    return { result: await call }
  } catch (error) {
    if (error instanceof ChatError) return { code: error.code }
    throw error
  }
}

/** The arbitraries that commands are made of. */
export const group = fc.nat(2)
export const message = fc.nat(8)
export const file = fc.nat(8)
export const users = [0, 1, 2, 3]
export const user = fc.nat(3)
export const by = fc.record({ user, admin: fc.boolean() }, { noNullPrototype: true })
export const text = fc.constantFrom('one', 'two', 'three')
export const at = fc.nat(50).map((n) => t0 + n)
export const number = fc.nat(12)
export const limit = fc.integer({ min: 1, max: 5 })

export const caller = (ids: Ids, { user, admin }: { user: number; admin: boolean }): Caller => ({
  userId: ids.user(user),
  admin,
})

export const id = (ids: readonly string[], n: number): string => ids[n] ?? assert.fail('no such id')
