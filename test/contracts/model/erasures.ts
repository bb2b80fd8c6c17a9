import fc from 'fast-check'
import { at, command, user } from './command.ts'

/** All messages of a user, group by group; in which order is for each store to decide. */
const messages = fc.tuple(user, at).map(([n, when]) =>
  command('erasures.messages', { n, when }, async (store, ids) => {
    let count = 0
    for (let value = 1; value > 0; count += value)
      value = (await store.erasures.messages(ids.user(n), `alias of ${n}`, 100, when)).value
    return count
  }),
)

export const erasureCommands = [messages]
