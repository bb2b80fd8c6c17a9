import fc from 'fast-check'
import { createEraseUser } from '../../../src/chat/erase-user.ts'
import type { Store } from '../../../src/store/store.ts'
import type { ReferenceStore } from '../reference/store.ts'
import { at, command, user } from './command.ts'

const aliasOf = (userId: string): string => `alias of ${userId}`

/** All messages of a user, group by group; in which order is for each store to decide. */
const messages = fc.tuple(user, at).map(([n, when]) =>
  command('erasures.messages', { n, when }, async (store, ids) => {
    const userId = ids.user(n)
    let count = 0
    for (let value = 1; value > 0; count += value)
      value = (await store.erasures.messages(userId, aliasOf(userId), 100, when)).value
    return count
  }),
)

/** The same store, with the reactions of a user in an order in which both are taken back. */
function inOrder(store: ReferenceStore): Store {
  const { erasures } = store
  const ordered = {
    ...erasures,
    async reactions(userId: string, limit: number) {
      const { found, dropped } = await erasures.reactions(userId, limit)
      const nameOf = ({ messageId, emoji }: (typeof found)[number]) => `${messageId} ${emoji}`
      return { found: found.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)), dropped }
    },
  }
  return Object.create(store, { erasures: { value: ordered } })
}

/** Each erasure has an alias of its own, as in the use case. */
const alias = fc.noShrink(fc.nat(2 ** 31 - 1))

/** All of a user, by the steps of the use case, who may come back. */
const erase = fc.tuple(user, at, alias).map(([n, when, number]) =>
  command('erase', { n, when, number }, async (store, ids) => {
    const userId = ids.user(n)
    const key = `erased ${userId}`
    const order = { userId, by: 'root', alias: `alias ${number}` }
    const { alias } = await store.erasures.begin(key, order)
    const eraseUser = createEraseUser({
      store: inOrder(store),
      hub: { change: () => undefined, groupDeleted: () => undefined },
      directory: { forget: () => undefined },
      now: () => when,
    })
    await eraseUser({ userId, key, alias, goOn: () => undefined })
    const counts = await store.erasures.end(key)
    return [counts, await store.erasures.admit(key)]
  }),
)

export const erasureCommands = [messages, erase]
