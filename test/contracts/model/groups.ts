import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { GroupPatch } from '../../../src/domain/group.ts'
import { newGroup, t0 } from '../../support/samples.ts'
import {
  at,
  by,
  type Call,
  type Command,
  caller,
  command,
  group,
  type Ids,
  id,
  text,
  user,
  users,
} from './command.ts'

const members = fc.shuffledSubarray(users)

const visibility = fc.constantFrom('private', 'open')
const postPolicy = fc.constantFrom('everyone', 'admins')

const create = fc
  .record(
    { n: group, listed: members, owner: fc.option(user), visibility, postPolicy },
    { noNullPrototype: true },
  )
  .map((values): Command => {
    const { n, listed, owner, ...rest } = values
    const run: Command['run'] = async ({ reference, ids, made }, real) => {
      made.add(n)
      const given = newGroup({
        ...rest,
        id: id(ids.groups, n),
        members: listed.map(ids.user),
        owner: owner === null ? null : ids.user(owner),
        createdAt: t0 + n,
        updatedAt: t0 + n,
      })
      const { value } = await real.groups.create(given)
      // The store may have numbered groups of other runs.
      assert.deepEqual(value, { ...given, number: value.number })
      await reference.groups.create(value)
    }
    return {
      run,
      check: ({ made }) => !made.has(n),
      toString: () => `groups.create(${JSON.stringify(values)})`,
    }
  })

const patch = fc.record(
  { name: text, listed: members, visibility, postPolicy },
  { requiredKeys: [], noNullPrototype: true },
)

const update = fc.tuple(group, patch, by, at).map(([n, { listed, ...rest }, who, when]) =>
  command('groups.update', { n, listed, ...rest, who, when }, (store, ids) => {
    const given: GroupPatch = listed ? { ...rest, authorizedUserIds: listed.map(ids.user) } : rest
    return store.groups.update(id(ids.groups, n), given, caller(ids, who), when)
  }),
)

const remove = fc
  .tuple(group, by, at)
  .map(([n, who, when]) =>
    command('groups.delete', { n, who, when }, (store, ids) =>
      store.groups.delete(id(ids.groups, n), caller(ids, who), when),
    ),
  )

export const groupCommands = [create, create, update, update, remove]

const listings = [{}, { sort: 'name' }, { sort: 'activity' }, { q: 't' }] as const

export const groupLooks = ({ groups, user }: Ids): Call[] => [
  ...groups.map(
    (id): Call =>
      (store) =>
        store.groups.read(id),
  ),
  ...users.flatMap((n) =>
    listings.map(
      (listing): Call =>
        (store) =>
          store.groups.list(user(n), { offset: 0, limit: 10, ...listing }),
    ),
  ),
  ...users.flatMap((n): Call[] => [
    (store) => store.groups.listIds(user(n), 2),
    (store) => store.groups.listIds(user(n), 10, true),
  ]),
]
