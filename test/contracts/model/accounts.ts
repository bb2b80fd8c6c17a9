import fc from 'fast-check'
import { anAccount } from '../accounts.ts'
import { aSession } from '../sessions.ts'
import { at, type Call, command, type Ids, id, message, user, users } from './command.ts'

/** Sessions have the ids of the run's messages. */
const session = message
const count = fc.nat(3)
const hashOf = (n: number) => `hash ${n}`
const inOrder = <T extends { readonly id: string }>(found: readonly T[] | null) =>
  found && [...found].sort((a, b) => (a.id < b.id ? -1 : 1))
const later = 1_000_000

const make = fc
  .tuple(user, at)
  .map(([n, when]) =>
    command('accounts.create', { n, when }, (store, ids) =>
      store.accounts.create(anAccount({ id: ids.user(n), createdAt: when, updatedAt: when })),
    ),
  )

const setPassword = fc
  .tuple(user, count, at)
  .map(([n, to, when]) =>
    command('accounts.setPassword', { n, to, when }, (store, ids) =>
      store.accounts.setPassword(ids.user(n), hashOf(to), when),
    ),
  )

const renewHash = fc
  .tuple(user, count, count)
  .map(([n, from, to]) =>
    command('accounts.renewHash', { n, from, to }, (store, ids) =>
      store.accounts.renewHash(ids.user(n), hashOf(from), hashOf(to)),
    ),
  )

const setDisabled = fc
  .tuple(user, fc.boolean(), at)
  .map(([n, disabled, when]) =>
    command('accounts.setDisabled', { n, disabled, when }, (store, ids) =>
      store.accounts.setDisabled(ids.user(n), disabled, when),
    ),
  )

const remove = user.map((n) =>
  command('accounts.remove', { n }, (store, ids) => store.accounts.remove(ids.user(n))),
)

/** Each session was refreshed at a time of its own, so that it is known which was used longest ago. */
const create = fc.tuple(session, user, fc.integer({ min: 1, max: 2 }), at).map(([n, who, ver, when]) =>
  command('sessions.create', { n, who, ver, when }, async (store, ids) =>
    inOrder(
      await store.sessions.create(
        aSession({
          id: id(ids.messages, n),
          userId: ids.user(who),
          hash: hashOf(0),
          createdAt: when,
          refreshedAt: when + n * later,
        }),
        ver,
        2,
      ),
    ),
  ),
)

const rotate = fc
  .tuple(session, count, fc.boolean(), at)
  .map(([n, shown, isTrue, when]) =>
    command('sessions.rotate', { n, shown, isTrue, when }, (store, ids) =>
      store.sessions.rotate(
        id(ids.messages, n),
        { count: shown, hash: isTrue ? hashOf(shown) : 'guessed', nextHash: hashOf(shown + 1) },
        when + n * later,
        when + 100 * later,
      ),
    ),
  )

const end = fc
  .tuple(session, at)
  .map(([n, when]) =>
    command('sessions.end', { n, when }, (store, ids) =>
      store.sessions.end(id(ids.messages, n), 'logged_out', when),
    ),
  )

const endAll = fc
  .tuple(user, fc.option(session), at)
  .map(([n, except, when]) =>
    command('sessions.endAll', { n, except, when }, async (store, ids) =>
      inOrder(
        await store.sessions.endAll(
          ids.user(n),
          'disabled',
          when,
          except === null ? undefined : id(ids.messages, except),
        ),
      ),
    ),
  )

/** The latest time of each run: what has run out is forgotten by then, so time must not go back. */
const latest = new WeakMap<Ids, number>()
function notBefore(ids: Ids, when: number): number {
  const at = Math.max(when, latest.get(ids) ?? 0)
  latest.set(ids, at)
  return at
}

const budgets = fc.uniqueArray(fc.nat(2), { minLength: 1 })

const take = fc.tuple(user, budgets, at).map(([n, which, when]) =>
  command('attempts.take', { n, which, when }, (store, ids) =>
    store.attempts.take(
      which.map((most) => ({ key: `${ids.user(n)} ${most}`, most: most + 1, windowMs: 10 * (most + 1) })),
      notBefore(ids, when),
    ),
  ),
)

/** Most commands are of sessions, which depend on each other. */
export const accountCommands = [
  make,
  setPassword,
  renewHash,
  setDisabled,
  remove,
  create,
  create,
  rotate,
  rotate,
  end,
  endAll,
  take,
]

export const accountLooks = ({ messages, user }: Ids): Call[] => [
  ...users.map(
    (n): Call =>
      (store) =>
        store.accounts.read(user(n)),
  ),
  ...messages.map(
    (each): Call =>
      (store) =>
        store.sessions.read(each, 0),
  ),
]
