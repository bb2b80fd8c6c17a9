import fc from 'fast-check'
import { at, by, type Call, caller, command, group, type Ids, id, number, user, users } from './command.ts'

const mark = fc
  .tuple(group, number, by, at)
  .map(([n, seq, who, when]) =>
    command('reads.mark', { n, seq, who, when }, (store, ids) =>
      store.reads.mark(id(ids.groups, n), seq % 5, caller(ids, who), when),
    ),
  )

const ofUser = user.map((n) =>
  command('reads.ofUser', { n }, (store, ids) => store.reads.ofUser(ids.user(n), ids.groups)),
)

export const readCommands = [mark, mark, ofUser]

export const readLooks = ({ groups, user }: Ids): Call[] => [
  ...groups.map(
    (id): Call =>
      (store) =>
        store.reads.list(id, 100),
  ),
  ...users.map(
    (n): Call =>
      (store) =>
        store.reads.ofUser(user(n), groups),
  ),
]
