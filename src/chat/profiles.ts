import type { Caller } from '../domain/caller.ts'
import { ChatError, notFound } from '../domain/errors.ts'
import type { Profile, ProfileUpdate } from '../domain/profile.ts'
import type { Rates } from '../domain/rates.ts'
import { invalid } from '../domain/validate.ts'
import type { Directory } from '../people/directory.ts'
import type { Store } from '../store/store.ts'

export interface Profiles {
  /** Throws unavailable when the caller's profile could not be written yet. */
  own(by: Caller): Promise<Profile>
  /** Throws invalid (the address of a user who has no account here), email_taken, unavailable, rate_limited. */
  change(by: Caller, command: ProfileUpdate): Promise<Profile>
  /** Throws not_found, also for somebody of whom the caller may not know. */
  read(by: Caller, userId: string): Promise<Profile>
  /** Throws not_found, as `read`. */
  readByName(by: Caller, username: string): Promise<Profile>
  /** People whose username, display name, or a word of it, begins so. Throws rate_limited. */
  search(by: Caller, q: string, limit: number): Promise<readonly Profile[]>
}

interface Deps {
  store: Pick<Store, 'profiles' | 'members'>
  directory: Pick<Directory, 'settled'>
  rates: Pick<Rates, 'profiles' | 'user_searches'>
  /** People may be found by everybody; else only by those who share a group with them. */
  userSearch: boolean
}

/** Where people may not be listed, so many of those who are found are looked at, a few at a time. */
const mostLookedAt = 500
const lookedAtOnce = 50

export function createProfiles({ store, directory, rates, userSearch }: Deps): Profiles {
  async function find(userId: string): Promise<Profile | null> {
    await directory.settled(userId)
    const [found] = await store.profiles.read([userId])
    return found ?? null
  }

  /** Those of them whom the caller may know of. */
  async function known(by: Caller, found: readonly Profile[]): Promise<readonly Profile[]> {
    if (userSearch || by.admin || !found.length) return found
    const others = found.map(({ id }) => id).filter((id) => id !== by.userId)
    const shared = others.length ? await store.members.sharing(by.userId, others) : new Set()
    return found.filter(({ id }) => id === by.userId || shared.has(id))
  }

  async function requireKnown(by: Caller, found: Profile | null): Promise<Profile> {
    const [profile] = found ? await known(by, [found]) : []
    if (!profile) throw notFound('user')
    return profile
  }

  async function own({ userId }: Caller): Promise<Profile> {
    const found = await find(userId)
    if (!found)
      throw new ChatError('unavailable', 'Your profile is just being made.', { retryAfterMs: 1_000 })
    return found
  }

  return {
    own,

    async change(by, { display_name: displayName, email }) {
      rates.profiles.take(by.userId)
      if (displayName === undefined && email === undefined)
        throw invalid([{ field: '', message: 'Send at least one of display_name, email' }])
      const { origin } = await own(by)
      if (email !== undefined && origin !== 'account')
        throw invalid([{ field: 'email', message: 'is that of your token: change it where you log in' }])
      const { after } = await store.profiles.change(by.userId, {
        ...(displayName !== undefined && { displayName: displayName.normalize('NFC') }),
        ...(email !== undefined && { email }),
      })
      return after
    },

    read: async (by, userId) => requireKnown(by, await find(userId)),

    readByName: async (by, username) => requireKnown(by, await store.profiles.readByName(username)),

    async search(by, q, limit) {
      rates.user_searches.take(by.userId)
      if (userSearch || by.admin) return store.profiles.search(q, limit)
      const candidates = await store.profiles.search(q, mostLookedAt)
      const found: Profile[] = []
      for (let i = 0; i < candidates.length && found.length < limit; i += lookedAtOnce)
        found.push(...(await known(by, candidates.slice(i, i + lookedAtOnce))))
      return found.slice(0, limit)
    },
  }
}
