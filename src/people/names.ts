import type { People, PersonView } from '../domain/person.ts'
import { type Profile, personOf } from '../domain/profile.ts'

/** What people are called, in memory. It is bounded: whoever was looked for longest ago is forgotten. */
export interface Names extends Omit<People, 'of'> {
  readonly size: number
  /** What is known of the user; null: that there is no profile; undefined: nothing. */
  profileOf(userId: string): Profile | null | undefined
  /** As `profileOf`, and counts as a use. */
  use(userId: string): Profile | null | undefined
  of(userId: string): PersonView | undefined
  /** The profile as it is in the store, read now or before. */
  learn(userId: string, profile: Profile | null, shown?: PersonView): void
  /** The profile was changed, whether it is known here or not. */
  change(profile: Profile): void
}

interface Known {
  readonly profile: Profile | null
  readonly person: PersonView
}

/** So many changes are remembered. */
const rememberedChanges = 10_000

export function createNames(most: number): Names {
  const known = new Map<string, Known>()
  /** The version since which the user is called so, the oldest change first. */
  const changed = new Map<string, number>()
  let version = 0
  /** Changes up to this version are forgotten. */
  let forgotten = 0

  function put(userId: string, profile: Profile | null, person: PersonView): void {
    known.delete(userId)
    known.set(userId, { profile, person })
    if (known.size <= most) return
    for (const oldest of known.keys()) {
      known.delete(oldest)
      return
    }
  }

  function noteChange(userId: string): void {
    changed.delete(userId)
    changed.set(userId, ++version)
    if (changed.size <= rememberedChanges) return
    for (const [oldest, at] of changed) {
      changed.delete(oldest)
      forgotten = at
      return
    }
  }

  return {
    get size() {
      return known.size
    },
    get version() {
      return version
    },

    profileOf: (userId) => known.get(userId)?.profile,

    use(userId) {
      const found = known.get(userId)
      if (!found) return undefined
      known.delete(userId)
      known.set(userId, found)
      return found.profile
    },

    of: (userId) => known.get(userId)?.person,

    learn(userId, profile, shown) {
      const before = known.get(userId)
      const person = shown ?? (profile ? personOf(profile) : nameless(userId))
      if (before && !isSame(before.person, person)) noteChange(userId)
      put(userId, profile, person)
    },

    change(profile) {
      const before = known.get(profile.id)
      const person = personOf(profile)
      // Who is forgotten here may have been shown before.
      if (!before || !isSame(before.person, person)) noteChange(profile.id)
      put(profile.id, profile, person)
    },

    changedSince: (since, userIds) =>
      since < forgotten || userIds.some((userId) => (changed.get(userId) ?? 0) > since),
  }
}

/** A user of whom nothing is known but the id. */
export const nameless = (userId: string): PersonView => ({
  id: userId,
  username: userId,
  display_name: userId,
  avatar_url: null,
})

const isSame = (a: PersonView, b: PersonView): boolean =>
  a.username === b.username && a.display_name === b.display_name && a.avatar_url === b.avatar_url
