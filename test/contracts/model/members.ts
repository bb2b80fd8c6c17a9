import fc from 'fast-check'
import type { MemberQuery } from '../../../src/store/members.ts'
import { t0 } from '../../support/samples.ts'
import type { ReferenceStore } from '../reference/store.ts'
import { at, by, type Call, caller, command, group, type Ids, id, limit, user, users } from './command.ts'

const some = fc.shuffledSubarray(users, { minLength: 1, maxLength: 2 })
/** Within the times at which commands are given, so that mutes and bans end meanwhile. */
const until = fc.option(fc.nat(50).map((n) => t0 + n))
const way = fc.constantFrom('added', 'joined', 'invited')

const add = fc.tuple(group, some, way, by, at).map(([n, given, how, who, when]) =>
  command('members.add', { n, given, how, who, when }, (store, ids) => {
    const userIds = how === 'added' ? given.map(ids.user) : [ids.user(who.user)]
    return store.members.add(id(ids.groups, n), userIds, how, caller(ids, who), when)
  }),
)

const patch = fc.record(
  { role: fc.constantFrom('owner', 'admin', 'member'), mutedUntil: until },
  { requiredKeys: [], noNullPrototype: true },
)

const change = fc
  .tuple(group, user, patch, by, at)
  .map(([n, whom, given, who, when]) =>
    command('members.change', { n, whom, given, who, when }, (store, ids) =>
      store.members.change(id(ids.groups, n), ids.user(whom), given, caller(ids, who), when),
    ),
  )

const remove = fc
  .tuple(group, user, fc.boolean(), by, at)
  .map(([n, whom, succession, who, when]) =>
    command('members.remove', { n, whom, succession, who, when }, (store, ids) =>
      store.members.remove(id(ids.groups, n), ids.user(whom), caller(ids, who), when, { succession }),
    ),
  )

const ban = fc
  .tuple(group, user, fc.constantFrom('spam', ''), until, by, at)
  .map(([n, whom, reason, end, who, when]) =>
    command('bans.put', { n, whom, reason, end, who, when }, (store, ids) =>
      store.bans.put(id(ids.groups, n), ids.user(whom), { reason, until: end }, caller(ids, who), when),
    ),
  )

const unban = fc
  .tuple(group, user, by, at)
  .map(([n, whom, who, when]) =>
    command('bans.remove', { n, whom, who, when }, (store, ids) =>
      store.bans.remove(id(ids.groups, n), ids.user(whom), caller(ids, who), when),
    ),
  )

/** All pages, one after the other: `next` is each store's own. */
async function listAll(store: ReferenceStore, groupId: string, query: MemberQuery) {
  const pages = []
  for (let after: string | undefined; ; ) {
    const page = await store.members.list(groupId, { ...query, ...(after !== undefined && { after }) })
    pages.push(page && { ...page, next: page.next !== null })
    if (!page?.next) return pages
    after = page.next
  }
}

const role = fc.option(fc.constantFrom('owner', 'admin', 'member'), { nil: undefined })

const list = fc
  .tuple(group, role, limit)
  .map(([n, only, most]) =>
    command('members.list', { n, only, most }, (store, ids) =>
      listAll(store, id(ids.groups, n), { limit: most, ...(only !== undefined && { role: only }) }),
    ),
  )

export const memberCommands = [add, add, change, change, remove, ban, unban, list]

export const memberLooks = ({ groups, user }: Ids): Call[] =>
  groups.flatMap((id): Call[] => [
    ...users.map(
      (n): Call =>
        (store) =>
          store.members.read(id, user(n)),
    ),
    (store) => store.members.among(id, users.map(user)),
    (store) => listAll(store, id, { limit: 3 }),
    async (store) => [...(await store.members.sharing(user(0), users.slice(1).map(user)))].sort(),
    (store) => store.bans.list(id, { userId: 'root', admin: true }, t0 + 25),
  ])
