import type { Account } from '../../../src/domain/account.ts'
import type { AccountSession, EndedSession, SessionEndReason } from '../../../src/domain/account-session.ts'
import { ChatError } from '../../../src/domain/errors.ts'
import type { AccountStore } from '../../../src/store/accounts.ts'
import type { SessionStore } from '../../../src/store/sessions.ts'

/** Accounts and their sessions, which depend on them. */
export function referenceAccounts(): { accounts: AccountStore; sessions: SessionStore } {
  const accounts = new Map<string, Account>()
  const sessions = new Map<string, { session: AccountSession; ended: EndedSession | null }>()

  const change = (id: string, changes: (account: Account) => Partial<Account>): Account | null => {
    const account = accounts.get(id)
    if (!account) return null
    const changed = { ...account, ...changes(account) }
    accounts.set(id, changed)
    return changed
  }
  const lasting = (id: string, at: number) => {
    const kept = sessions.get(id)
    return kept && !kept.ended && kept.session.expiresAt > at ? kept : null
  }
  const ofUser = (userId: string) =>
    [...sessions.values()]
      .filter(({ session, ended }) => session.userId === userId && !ended)
      .map(({ session }) => session)
  const end = (id: string, why: SessionEndReason, endedAt: number): EndedSession | null => {
    const kept = sessions.get(id)
    if (!kept || kept.ended) return null
    kept.ended = { id, userId: kept.session.userId, why, endedAt }
    return kept.ended
  }
  const endEach = (ended: readonly AccountSession[], why: SessionEndReason, at: number) =>
    ended.map(({ id }) => end(id, why, at)).filter((each) => each !== null)

  return {
    accounts: {
      async create(account) {
        if (accounts.has(account.id)) throw new ChatError('conflict', 'There is one.')
        accounts.set(account.id, account)
      },
      read: async (id) => accounts.get(id) ?? null,
      list: async (after, limit) =>
        [...accounts.values()]
          .filter(({ id }) => id > (after ?? ''))
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .slice(0, limit),
      setPassword: async (id, passwordHash, updatedAt) =>
        change(id, ({ passwordVer }) => ({ passwordHash, passwordVer: passwordVer + 1, updatedAt })),
      async renewHash(id, from, to) {
        change(id, ({ passwordHash }) => ({ passwordHash: passwordHash === from ? to : passwordHash }))
      },
      setDisabled: async (id, disabled, updatedAt) => change(id, () => ({ disabled, updatedAt })),
      remove: async (id) => accounts.delete(id),
    },

    sessions: {
      async create(session, passwordVer, most) {
        if (sessions.has(session.id)) throw new ChatError('conflict', 'There is one.')
        const account = accounts.get(session.userId)
        if (!account || account.disabled || account.passwordVer !== passwordVer) return null
        sessions.set(session.id, { session, ended: null })
        const own = ofUser(session.userId).sort((a, b) => b.refreshedAt - a.refreshedAt)
        return endEach(own.slice(most), 'crowded', session.createdAt)
      },
      read: async (id, at) => lasting(id, at)?.session ?? null,
      async rotate(id, { count, hash, nextHash }, refreshedAt, expiresAt) {
        const kept = lasting(id, refreshedAt)
        if (!kept) return false
        const { session } = kept
        const isLast = session.count === count && session.hash === hash
        const isNext = session.count + 1 === count && session.nextHash === hash
        if (isLast || isNext) kept.session = { ...session, count, hash, nextHash, refreshedAt, expiresAt }
        return isLast || isNext
      },
      end: async (id, why, at) => end(id, why, at),
      endAll: async (userId, why, at, except) =>
        endEach(
          ofUser(userId).filter(({ id }) => id !== except),
          why,
          at,
        ),
      listEnded: async (after, limit) =>
        [...sessions.values()]
          .map(({ ended }) => ended)
          .filter((ended) => ended !== null)
          .sort((a, b) => a.endedAt - b.endedAt || (a.id < b.id ? -1 : 1))
          .filter(
            ({ endedAt, id }) => endedAt > after.endedAt || (endedAt === after.endedAt && id > after.id),
          )
          .slice(0, limit),
    },
  }
}
