import fc from 'fast-check'
import { at, type Call, command, type Ids, user, users } from './command.ts'

const put = fc
  .tuple(user, user, at)
  .map(([n, blocked, when]) =>
    command('blocks.put', { n, blocked, when }, (store, ids) =>
      store.blocks.put(ids.user(n), ids.user(blocked), when),
    ),
  )

const remove = fc
  .tuple(user, user)
  .map(([n, blocked]) =>
    command('blocks.remove', { n, blocked }, (store, ids) =>
      store.blocks.remove(ids.user(n), ids.user(blocked)),
    ),
  )

export const blockCommands = [put, remove]

export const blockLooks = ({ user }: Ids): Call[] =>
  users.flatMap((n): Call[] => [
    (store) => store.blocks.list(user(n)),
    async (store) => [...(await store.blocks.among(user(n), users.map(user)))].sort(),
  ])
