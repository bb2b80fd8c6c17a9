import { ChatError, notFound } from '../../../src/domain/errors.ts'
import {
  accountOf,
  emailKey,
  emailTaken,
  hasNews,
  isPlainName,
  nameKey,
  nameTaken,
  numberedName,
  type Profile,
  searchFold,
  searchTerms,
  stubOf,
  withClaims,
} from '../../../src/domain/profile.ts'
import type { ProfileStore } from '../../../src/store/profiles.ts'

export function referenceProfiles(): ProfileStore {
  const all = new Map<string, Profile>()
  const put = (profile: Profile): Profile => {
    all.set(profile.id, profile)
    return profile
  }
  const find = (is: (profile: Profile) => boolean): Profile | null => [...all.values()].find(is) ?? null
  const named = (username: string) =>
    find((each) => each.origin !== 'stub' && nameKey(each.username) === nameKey(username))
  const addressed = (email: string) =>
    find((each) => each.origin === 'account' && emailKey(each.email ?? '') === emailKey(email))
  const requireFree = (userId: string, email: string | null | undefined) => {
    const holder = email ? addressed(email) : null
    if (holder && holder.id !== userId) throw emailTaken()
  }
  const among = (ids: readonly string[]) => ids.flatMap((id) => all.get(id) ?? [])

  return {
    see: async (claims, at) =>
      claims.map((each) => {
        const before = all.get(each.userId) ?? stubOf(each.userId, all.size + 1, at)
        if (!hasNews(before, each)) return before
        const holder = named(each.username)
        const isFree = isPlainName(each.username) && (holder === null || holder.id === each.userId)
        const username = isFree ? each.username : numberedName(each.username, before.number)
        return put({ ...withClaims(before, each, at), username })
      }),
    remove: async (userId) => void all.delete(userId),
    name: async (userIds, at) => userIds.map((id) => all.get(id) ?? put(stubOf(id, all.size + 1, at))),
    async register(account, at) {
      if (all.has(account.id)) throw new ChatError('conflict', 'There is one.')
      if (named(account.username)) throw nameTaken()
      requireFree(account.id, account.email)
      return put(accountOf(account, all.size + 1, at))
    },
    async change(userId, changes) {
      const before = all.get(userId)
      if (!before) throw notFound('user')
      if (before.origin === 'account') requireFree(userId, changes.email)
      return { before, after: put({ ...before, ...changes }) }
    },
    async touch(userIds, at) {
      for (const each of among(userIds)) put({ ...each, lastSeenAt: Math.max(each.lastSeenAt ?? 0, at) })
    },
    read: async (userIds) => among(userIds),
    readNumbers: async (numbers) => [...all.values()].filter(({ number }) => numbers.includes(number)),
    readByName: async (username) =>
      named(username) ?? find(({ id, origin }) => origin === 'stub' && id === username),
    readByEmail: async (email) => addressed(email),
    async search(prefix, limit) {
      const from = searchFold(prefix)
      return [...all.values()]
        .flatMap((profile) => {
          const term = searchTerms(profile)
            .filter((each) => from !== '' && each.startsWith(from))
            .sort()[0]
          return term === undefined ? [] : [{ term, profile }]
        })
        .sort((a, b) =>
          a.term === b.term ? (a.profile.id < b.profile.id ? -1 : 1) : a.term < b.term ? -1 : 1,
        )
        .slice(0, limit)
        .map(({ profile }) => profile)
    },
  }
}
