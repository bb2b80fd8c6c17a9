import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Caller } from '../../src/domain/caller.ts'
import { ChatError } from '../../src/domain/errors.ts'
import type { GroupPatch } from '../../src/domain/group.ts'
import type { MessagePage } from '../../src/domain/message.ts'
import { createReferenceStore } from './reference-store.ts'
import { newId, t0 } from './samples.ts'
import type { OpenedStore } from './store.ts'

type Reference = ReturnType<typeof createReferenceStore>

/** The ids of one run: few, so that commands meet each other. */
interface Ids {
  groups: readonly string[]
  /** Three for each group: the n-th is for group n % 3, because an id is made from its group and never serves two. */
  messages: readonly string[]
  /** Users of this run only: other runs may have used the same store. */
  user(n: number): string
}

interface Model {
  reference: Reference
  ids: Ids
  /** A group is made once: whether the id of a deleted one may be used again is up to the store. */
  made: Set<number>
}

type Command = fc.AsyncCommand<Model, Reference>

/**
 * Random commands, on the store and on the reference store: the same answers, the same errors, and after a restart the
 * same contents.
 * `runs` sequences of commands; FAST_CHECK_SEED repeats those of a failure.
 */
export function storeModel(name: string, open: () => Promise<OpenedStore>, runs = 40): void {
  describe(`${name} equals the reference store`, () => {
    test('whatever is done, in any order', async () => {
      const opened = await open()
      let { store } = opened
      const sequences = fc.commands(commands(), { maxCommands: 80, size: 'max' })
      const property = fc.asyncProperty(sequences, async (sequence) => {
        const ids = newIds()
        const model = { reference: createReferenceStore(), ids, made: new Set<number>() }
        await fc.asyncModelRun(() => ({ model, real: store }), sequence)
        store = await opened.reopen()
        for (const look of looks(ids)) await same(model, store, look)
      })
      const seed = process.env.FAST_CHECK_SEED
      try {
        await fc.assert(property, { numRuns: runs, ...(seed === undefined ? {} : { seed: Number(seed) }) })
      } finally {
        await opened.close()
      }
    })
  })
}

const newIds = (): Ids => {
  const run = newId()
  return {
    groups: [newId(), newId(), newId()],
    messages: Array.from({ length: 9 }, newId),
    user: (n) => `${run}-${n}`,
  }
}

/** What a call came to: its result, or its error's code. */
const outcome = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    return { result: await call }
  } catch (error) {
    if (error instanceof ChatError) return { code: error.code }
    throw error
  }
}

const same = async ({ reference, ids }: Model, real: Reference, call: Call): Promise<void> =>
  assert.deepEqual(await outcome(call(real, ids)), await outcome(call(reference, ids)))

type Call = (store: Reference, ids: Ids) => Promise<unknown>

/** Everything that can be seen in the end. */
const looks = ({ groups, messages, user }: Ids): Call[] => [
  ...groups.flatMap((id): Call[] => [
    (store) => store.readGroup(id),
    (store) => store.readHead(id),
    (store) => store.readLog(id, { seq: 0, rev: 0 }, 1_000),
    (store) => store.readLogStart(id),
    (store) => store.listMessages(id, { limit: 100, offset: 0 }),
  ]),
  ...messages.map(
    (id): Call =>
      (store) =>
        store.readMessage(id),
  ),
  ...users.map(
    (n): Call =>
      (store) =>
        store.listGroups(user(n), { offset: 0, limit: 10 }),
  ),
]

const users = [0, 1, 2, 3]

function commands(): fc.Arbitrary<Command>[] {
  const group = fc.nat(2)
  const message = fc.nat(8)
  const user = fc.nat(3)
  const by = fc.record({ user, admin: fc.boolean() }, { noNullPrototype: true })
  const members = fc.shuffledSubarray(users)
  const text = fc.constantFrom('one', 'two', 'three')
  const at = fc.nat(50).map((n) => t0 + n)
  const number = fc.nat(12)
  const limit = fc.integer({ min: 1, max: 5 })

  const caller = (ids: Ids, { user, admin }: { user: number; admin: boolean }): Caller => ({
    userId: ids.user(user),
    admin,
  })
  const id = (ids: readonly string[], n: number): string => ids[n] ?? assert.fail('no such id')

  const create = fc.tuple(group, members, fc.option(user)).map(([n, listed, owner]): Command => {
    const made = command('createGroup', { n, listed, owner }, (store, ids) =>
      store.createGroup({
        ...{ id: id(ids.groups, n), name: 'one', description: '', createdAt: t0 + n, updatedAt: t0 + n },
        authorizedUserIds: listed.map(ids.user),
        ownerId: owner === null ? null : ids.user(owner),
      }),
    )
    const run: Command['run'] = (model, store) => {
      model.made.add(n)
      return made.run(model, store)
    }
    return { ...made, run, check: (model) => !model.made.has(n) }
  })
  const update = fc
    .tuple(group, fc.option(text), fc.option(members), by, at)
    .map(([n, name, listed, who, when]) =>
      command('updateGroup', { n, name, listed, who, when }, (store, ids) => {
        const patch: GroupPatch = {
          ...(name === null ? {} : { name }),
          ...(listed === null ? {} : { authorizedUserIds: listed.map(ids.user) }),
        }
        return store.updateGroup(id(ids.groups, n), patch, caller(ids, who), when)
      }),
    )
  const remove = fc
    .tuple(group, by)
    .map(([n, who]) =>
      command('deleteGroup', { n, who }, (store, ids) =>
        store.deleteGroup(id(ids.groups, n), caller(ids, who)),
      ),
    )
  const append = fc.tuple(message, text, by, at).map(([n, content, who, createdAt]) =>
    command('appendMessage', { n, content, who, createdAt }, (store, ids) =>
      store.appendMessage(
        {
          ...{ id: id(ids.messages, n), groupId: id(ids.groups, n % 3), senderId: ids.user(who.user) },
          ...{ content, createdAt, clientId: `${n}`, sendHash: content },
        },
        caller(ids, who),
      ),
    ),
  )
  const edit = fc
    .tuple(message, text, by, at)
    .map(([n, content, who, when]) =>
      command('editMessage', { n, content, who, when }, (store, ids) =>
        store.editMessage(id(ids.messages, n), content, caller(ids, who), when),
      ),
    )
  const erase = fc
    .tuple(message, by, at)
    .map(([n, who, when]) =>
      command('deleteMessage', { n, who, when }, (store, ids) =>
        store.deleteMessage(id(ids.messages, n), caller(ids, who), when),
      ),
    )
  const trim = at.map((before) =>
    // How many went is not compared: the store may hold what other runs left.
    command('trimChanges', { before }, async (store) => void (await store.trimChanges(before))),
  )
  const way = fc.oneof(
    number.map((offset) => ({ offset })),
    number.map((before) => ({ before })),
    number.map((after) => ({ after })),
  )
  const list = fc
    .tuple(group, way, limit)
    .map(([n, way, limit]) =>
      command('listMessages', { n, way, limit }, (store, ids) =>
        store.listMessages(id(ids.groups, n), { ...way, limit } as MessagePage),
      ),
    )
  const log = fc
    .tuple(group, number, number, limit)
    .map(([n, seq, rev, limit]) =>
      command('readLog', { n, seq, rev, limit }, (store, ids) =>
        store.readLog(id(ids.groups, n), { seq, rev }, limit),
      ),
    )
  return [create, create, update, update, remove, append, append, append, edit, edit, erase, trim, list, log]
}

const command = (name: string, values: object, call: Call): Command => ({
  check: () => true,
  run: (model, real) => same(model, real, call),
  toString: () => `${name}(${JSON.stringify(values)})`,
})
