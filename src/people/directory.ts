import type { People, PersonView } from '../domain/person.ts'
import { type Claims, hasNews, isPlainName, type Profile } from '../domain/profile.ts'
import { withTimeout } from '../domain/with-timeout.ts'
import type { ProfileStore } from '../store/profiles.ts'
import { createNames, nameless } from './names.ts'
import { createNotes } from './notes.ts'

/** Who is who on this instance: what people are called, by the store, and what the store has to be told of them. */
export interface Directory extends People {
  /**
   * Looks up those who are not known here. Returns undefined when all are; what it returns never rejects, and resolves within a second
   * whatever the store does: who is not known then is called by the id. Who has no profile gets one.
   */
  know(userIds: readonly string[]): Promise<void> | undefined
  /** A token was accepted. What it says is written beside its request; the caller is known when this resolves, which is as for `know`. */
  seen(claims: Claims): Promise<void> | undefined
  /** The user was here just now, and has gone. */
  left(userId: string): void
  /** These profiles were changed by this instance. */
  changed(profiles: readonly Profile[]): void
  /** The user has no profile any more. */
  forget(userId: string): void
  /** These profiles may have been changed by another instance. */
  heard(profiles: readonly Profile[]): void
  /** Resolves when what is to be written of the user is written, or could not be. */
  settled(userId: string): Promise<void>
  /** Writes what is still to be written, as far as the store lets it. */
  close(): Promise<void>
}

interface Deps {
  store: ProfileStore
  now: () => number
  /** Counts milliseconds and never goes back. */
  clock: () => number
  onError(error: unknown): void
  /** How many users are kept in memory. */
  most?: number
}

/** Of each user here so much is kept that all who are connected to a large instance fit: some 30 MB. */
const keptUsers = 50_000
const atOnce = 1_000
/** Names are waited for so long. */
const patienceMs = 1_000
/** `lastSeenAt` is written at most so often for somebody who stays. */
const seenEveryMs = 300_000

export function createDirectory(deps: Deps): Directory {
  const { store, now, clock, onError, most = keptUsers } = deps
  const names = createNames(most)
  const notes = createNotes({ store, now, onError, onWritten: changed })
  /** Look-ups that are under way, by user. */
  const looking = new Map<string, Promise<void>>()
  let isFailing = false
  /** When what a token says is to be looked at again. One token has one object for its claims. */
  const lookAt = new WeakMap<Claims, number>()

  function changed(profiles: readonly Profile[]): void {
    for (const profile of profiles) {
      const shown = profile.origin === 'stub' ? names.of(profile.id) : undefined
      // Who was only named may have come meanwhile, and is called by the token's name already.
      if (shown) names.learn(profile.id, profile, shown)
      else names.change(profile)
    }
  }

  /** Of failures in a row only the first is reported. */
  function failed(error: unknown): void {
    if (!isFailing) onError(error)
    isFailing = true
  }

  async function look(userIds: readonly string[]): Promise<void> {
    const found = new Map((await store.read(userIds)).map((profile) => [profile.id, profile]))
    isFailing = false
    for (const userId of userIds) {
      // A write may have told more meanwhile.
      if (names.profileOf(userId) == null) names.learn(userId, found.get(userId) ?? null)
      looking.delete(userId)
    }
  }

  function startLooking(userIds: readonly string[]): void {
    for (let i = 0; i < userIds.length; i += atOnce) {
      const some = userIds.slice(i, i + atOnce)
      const done = look(some).catch((error: unknown) => {
        for (const userId of some) looking.delete(userId)
        failed(error)
      })
      for (const userId of some) looking.set(userId, done)
    }
  }

  /** Returns undefined when all are known. */
  function lookUp(userIds: readonly string[]): Promise<unknown> | undefined {
    const unknown = userIds.filter((userId) => names.use(userId) === undefined)
    if (!unknown.length) return undefined
    startLooking([...new Set(unknown)].filter((userId) => !looking.has(userId)))
    return Promise.all(new Set(unknown.map((userId) => looking.get(userId))))
  }

  /** Who was named, and is known to have no profile. */
  function nameMissing(userIds: readonly string[]): void {
    for (const userId of userIds) if (names.profileOf(userId) === null) notes.name(userId)
  }

  const patiently = (work: Promise<unknown>): Promise<void> =>
    withTimeout(
      work.then(() => undefined, failed),
      patienceMs,
      () => undefined,
    )

  /** Notes what is news. A user who is just becoming known is called by the token's name, unless another has it. */
  async function meet(claims: Claims): Promise<void> {
    await lookUp([claims.userId])
    const profile = names.profileOf(claims.userId)
    if (profile === undefined) return void lookAt.delete(claims)
    if (profile && !hasNews(profile, claims)) return touch(profile)
    notes.see(claims)
    if (profile && profile.origin !== 'stub') return
    const view = await firstView(claims)
    // It may be written already.
    if (names.profileOf(claims.userId) === profile) names.learn(claims.userId, profile, view)
  }

  async function firstView(claims: Claims): Promise<PersonView> {
    const view = nameless(claims.userId)
    if (claims.name !== null) view.display_name = claims.name
    if (!isPlainName(claims.username)) return view
    const holder = await store.readByName(claims.username)
    if (holder && holder.origin !== 'stub') return view
    return { ...view, username: claims.username, display_name: claims.name ?? claims.username }
  }

  function touch(profile: Profile): void {
    if ((profile.lastSeenAt ?? 0) + seenEveryMs > now()) return
    names.learn(profile.id, { ...profile, lastSeenAt: now() })
    notes.touch(profile.id)
  }

  return {
    of: (userId) => names.of(userId) ?? nameless(userId),
    get version() {
      return names.version
    },
    changedSince: names.changedSince,

    know(userIds) {
      const looked = lookUp(userIds)
      if (looked) return patiently(looked.then(() => nameMissing(userIds)))
      nameMissing(userIds)
      return undefined
    },

    seen(claims) {
      const at = lookAt.get(claims)
      if (at !== undefined && clock() < at) return undefined
      lookAt.set(claims, clock() + seenEveryMs)
      return patiently(
        meet(claims).catch((error: unknown) => {
          lookAt.delete(claims)
          throw error
        }),
      )
    },

    left: (userId) => notes.touch(userId),
    forget: (userId) => names.learn(userId, null),
    changed,

    heard(profiles) {
      // Whoever is not known here is read when somebody asks for them.
      for (const profile of profiles) if (names.profileOf(profile.id) !== undefined) names.change(profile)
    },

    async settled(userId) {
      await looking.get(userId)
      await notes.settled(userId)
    },

    close: notes.close,
  }
}
