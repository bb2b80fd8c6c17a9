import fc from 'fast-check'
import type { GroupPatch } from '../../../src/domain/group.ts'
import { t0 } from '../../support/samples.ts'
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

const create = fc.tuple(group, members, fc.option(user)).map(([n, listed, owner]): Command => {
  const made = command('groups.create', { n, listed, owner }, (store, ids) =>
    store.groups.create({
      id: id(ids.groups, n),
      name: 'one',
      description: '',
      authorizedUserIds: listed.map(ids.user),
      ownerId: owner === null ? null : ids.user(owner),
      createdAt: t0 + n,
      updatedAt: t0 + n,
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
    command('groups.update', { n, name, listed, who, when }, (store, ids) => {
      const patch: GroupPatch = {
        ...(name === null ? {} : { name }),
        ...(listed === null ? {} : { authorizedUserIds: listed.map(ids.user) }),
      }
      return store.groups.update(id(ids.groups, n), patch, caller(ids, who), when)
    }),
  )

const remove = fc
  .tuple(group, by)
  .map(([n, who]) =>
    command('groups.delete', { n, who }, (store, ids) =>
      store.groups.delete(id(ids.groups, n), caller(ids, who)),
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
  ...groups.flatMap((id) =>
    users.map(
      (n): Call =>
        (store) =>
          store.members.read(id, user(n)),
    ),
  ),
  ...users.flatMap((n) =>
    listings.map(
      (listing): Call =>
        (store) =>
          store.groups.list(user(n), { offset: 0, limit: 10, ...listing }),
    ),
  ),
  ...users.map(
    (n): Call =>
      (store) =>
        store.groups.listIds(user(n), 2),
  ),
]
