import fc from 'fast-check'
import { at, by, type Call, caller, command, group, type Ids, id, users } from './command.ts'

const changes = fc.record(
  { notify: fc.constantFrom('all', 'mentions', 'none'), pinned: fc.boolean(), hidden: fc.boolean() },
  { requiredKeys: [], noNullPrototype: true },
)

const change = fc
  .tuple(group, changes, by, at)
  .map(([n, wanted, who, when]) =>
    command('preferences.change', { n, wanted, who, when }, (store, ids) =>
      store.preferences.change(id(ids.groups, n), wanted, caller(ids, who), when),
    ),
  )

const show = group.map((n) =>
  command('preferences.show', { n }, async (store, ids) =>
    [...(await store.preferences.show(id(ids.groups, n)))].sort(),
  ),
)

export const preferenceCommands = [change, change, show]

export const preferenceLooks = ({ groups, user }: Ids): Call[] =>
  users.map(
    (n): Call =>
      async (store) =>
        [...(await store.preferences.ofUser(user(n), groups))].sort(),
  )
