import fc from 'fast-check'
import type { Profile } from '../../../src/domain/profile.ts'
import { at, type Call, command, type Ids, user, users } from './command.ts'

/** Names of this run alone, because the store has those of other runs. They are few, so that users want each other's. */
const nameOf = (ids: Ids, n: number): string => `${ids.user(0)}-name-${n}`
const addressOf = (ids: Ids, n: number): string => `${nameOf(ids, n)}@example.org`

/** Numbers go on over all runs, so they are left out. */
const comparable = (profile: Profile) => ({
  ...profile,
  number: 0,
  username: profile.username.replace(/~\d+$/, '~'),
})
const inOrder = (found: readonly Profile[]) => found.map(comparable).sort((a, b) => (a.id < b.id ? -1 : 1))

const word = fc.nat(2)

const see = fc
  .tuple(user, word, fc.option(fc.constantFrom('Ann Lee', 'Bób')), fc.option(at), at)
  .map(([n, name, display, issuedAt, when]) =>
    command('profiles.see', { n, name, display, issuedAt, when }, async (store, ids) =>
      inOrder(
        await store.profiles.see(
          [
            {
              userId: ids.user(n),
              username: nameOf(ids, name),
              name: display,
              email: addressOf(ids, name),
              issuedAt,
            },
          ],
          when,
        ),
      ),
    ),
  )

const name = fc
  .tuple(fc.uniqueArray(user), at)
  .map(([some, when]) =>
    command('profiles.name', { some, when }, async (store, ids) =>
      inOrder(await store.profiles.name(some.map(ids.user), when)),
    ),
  )

const register = fc.tuple(user, word, fc.option(word), at).map(([n, wanted, email, when]) =>
  command('profiles.register', { n, wanted, email, when }, async (store, ids) =>
    comparable(
      await store.profiles.register(
        {
          id: ids.user(n),
          username: nameOf(ids, wanted),
          displayName: 'New',
          email: email === null ? null : addressOf(ids, email),
        },
        when,
      ),
    ),
  ),
)

const change = fc
  .tuple(user, fc.constantFrom('Own Name', 'Ann Lee'), fc.option(word))
  .map(([n, displayName, email]) =>
    command('profiles.change', { n, displayName, email }, async (store, ids) => {
      const { before, after } = await store.profiles.change(ids.user(n), {
        displayName,
        email: email === null ? null : addressOf(ids, email),
      })
      return [comparable(before), comparable(after)]
    }),
  )

const touch = fc
  .tuple(user, at)
  .map(([n, when]) =>
    command('profiles.touch', { n, when }, (store, ids) => store.profiles.touch([ids.user(n)], when)),
  )

export const profileCommands = [see, see, name, register, change, touch]

export const profileLooks = (ids: Ids): Call[] => [
  async (store) => inOrder(await store.profiles.read(users.map(ids.user))),
  ...users.map(
    (n): Call =>
      async (store) => {
        const found = await store.profiles.readByName(nameOf(ids, n))
        return found && comparable(found)
      },
  ),
  ...users.map(
    (n): Call =>
      async (store) => {
        const found = await store.profiles.readByEmail(addressOf(ids, n))
        return found && comparable(found)
      },
  ),
  async (store) => inOrder(await store.profiles.search(nameOf(ids, 0).slice(0, -1), 10)),
]
