import type { Claims, Profile } from '../domain/profile.ts'
import type { ProfileStore } from '../store/profiles.ts'

/** What is to be written of people, beside the requests that told it. It is gathered, bounded, and tried again while the store is away. */
export interface Notes {
  see(claims: Claims): void
  /** Others name the user, of whom there is no profile. */
  name(userId: string): void
  /** The user was here just now. */
  touch(userId: string): void
  /** Resolves when what was noted of the user is written, or could not be. */
  settled(userId: string): Promise<void>
  /** Tries to write the rest, and ends. */
  close(): Promise<void>
}

interface Deps {
  store: Pick<ProfileStore, 'see' | 'name' | 'touch'>
  now: () => number
  /** Hears of the profiles as they are after a write. */
  onWritten(profiles: readonly Profile[]): void
  onError(error: unknown): void
}

/** Users in one write. */
const atOnce = 100
/** So many users wait at most; of more nothing is noted until they come again. */
const mostWaiting = 10_000
const retryMs = { first: 500, last: 15_000 }

export function createNotes({ store, now, onWritten, onError }: Deps): Notes {
  const seen = new Map<string, Claims>()
  const named = new Set<string>()
  const touched = new Set<string>()
  let round: Promise<void> | undefined
  let retry: NodeJS.Timeout | undefined
  let failures = 0
  let isClosed = false

  const isWaiting = (userId: string) => seen.has(userId) || named.has(userId)
  const count = () => seen.size + named.size + touched.size

  async function write(): Promise<void> {
    while (count()) {
      // What came meanwhile stays, because it may say more.
      const claims = take(seen.values())
      if (claims.length) {
        onWritten(await store.see(claims, now()))
        for (const each of claims) if (seen.get(each.userId) === each) seen.delete(each.userId)
        for (const { userId } of claims) named.delete(userId)
      }
      const stubs = take(named)
      if (stubs.length) {
        onWritten(await store.name(stubs, now()))
        for (const userId of stubs) named.delete(userId)
      }
      const here = take(touched)
      for (const userId of here) touched.delete(userId)
      if (here.length) await store.touch(here, now())
    }
  }

  function run(): Promise<void> {
    round ??= write()
      .then(
        () => {
          failures = 0
        },
        (error: unknown) => {
          if (!failures++) onError(error)
          if (isClosed) return
          retry = setTimeout(start, Math.min(retryMs.first * 2 ** failures, retryMs.last)).unref()
        },
      )
      .finally(() => {
        round = undefined
        if (!failures && count() && !isClosed) start()
      })
    return round
  }

  /** What one turn of the event loop brings is written together. While the store is away nothing is begun before its time. */
  function start(): void {
    if (round || isClosed) return
    setImmediate(() => void run())
  }

  function note(add: () => void): void {
    if (isClosed || count() >= mostWaiting) return
    add()
    if (!failures) start()
  }

  return {
    see: (claims) => note(() => seen.set(claims.userId, claims)),
    name: (userId) => note(() => named.add(userId)),
    touch: (userId) => note(() => touched.add(userId)),

    async settled(userId) {
      if (isWaiting(userId)) await run()
    },

    async close() {
      clearTimeout(retry)
      isClosed = true
      await round
      await run()
    },
  }

  function take<T>(all: Iterable<T>): T[] {
    const some: T[] = []
    for (const each of all) {
      if (some.length === atOnce) break
      some.push(each)
    }
    return some
  }
}
