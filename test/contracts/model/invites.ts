import fc from 'fast-check'
import { inviteCodeLength } from '../../../src/domain/invite.ts'
import { t0 } from '../../support/samples.ts'
import { at, by, type Call, type Command, caller, command, group, type Ids, id, users } from './command.ts'

/** Three codes for each group. The n-th is for group n % 3, as with messages. */
const code = fc.nat(8)
const codeOf = ({ groups }: Ids, n: number): string =>
  (id(groups, n % 3) + id(groups, n % 3)).slice(n, n + inviteCodeLength)

const create = fc.tuple(code, fc.option(fc.integer({ min: 1, max: 3 })), fc.nat(30), by, at).map(
  ([n, maxUses, forMs, who, createdAt]): Command =>
    command('invites.create', { n, maxUses, forMs, who, createdAt }, (store, ids) => {
      const { userId, admin } = caller(ids, who)
      const invite = {
        code: codeOf(ids, n),
        groupId: id(ids.groups, n % 3),
        createdBy: userId,
        byOperator: admin,
        createdAt,
        expiresAt: createdAt + forMs,
        maxUses,
        uses: 0,
      }
      return store.invites.create(invite, { userId, admin })
    }),
)

const accept = fc
  .tuple(code, by, at)
  .map(([n, who, when]) =>
    command('invites.accept', { n, who, when }, (store, ids) =>
      store.invites.accept(codeOf(ids, n), caller(ids, who), when),
    ),
  )

const remove = fc
  .tuple(group, code, by, at)
  .map(([n, m, who, when]) =>
    command('invites.remove', { n, m, who, when }, (store, ids) =>
      store.invites.remove(id(ids.groups, n), codeOf(ids, m), caller(ids, who), when),
    ),
  )

export const inviteCommands = [create, create, accept, accept, accept, remove]

export const inviteLooks = (ids: Ids): Call[] => [
  ...ids.groups.flatMap((groupId) =>
    users.map(
      (n): Call =>
        (store) =>
          store.invites.list(groupId, { userId: ids.user(n), admin: n === 0 }, t0 + 20),
    ),
  ),
  ...Array.from(
    { length: 9 },
    (_, n): Call =>
      (store) =>
        store.invites.read(codeOf(ids, n)),
  ),
]
