import type { EndedSession } from '../domain/account-session.ts'
import { every } from '../domain/every.ts'
import type { Store } from '../store/store.ts'

/** Which sessions of accounts have ended, on whatever instance, while tokens of theirs may last. */
export interface Endings {
  has(sessionId: string): boolean
  /** Sessions that this instance has ended. */
  add(ended: readonly EndedSession[]): void
  /** Resolves when what has ended before is known; from then on it is looked for what the others end. Throws unavailable. */
  start(): Promise<void>
  stop(): void
}

interface Deps {
  store: Pick<Store, 'sessions'>
  now: () => number
  /** How long a token lasts, in milliseconds. */
  lifetimeMs: number
  /** Hears of each session once. */
  onEnded(ended: readonly EndedSession[]): void
  onError(error: unknown): void
}

/** So that the others know within 5 s, an answer of the store included. */
const lookEveryMs = 1_500
/** The clocks of two instances may differ so far, and a write may be seen so late. */
const lookBackMs = 60_000
const pageSize = 1_000

export function createEndings({ store, now, lifetimeMs, onEnded, onError }: Deps): Endings {
  /** When they ended, by id; in about that order. */
  const known = new Map<string, number>()
  let stop = () => {}

  function add(ended: readonly EndedSession[]): void {
    const news = ended.filter(({ id }) => !known.has(id))
    for (const { id, endedAt } of news) known.set(id, endedAt)
    if (news.length) onEnded(news)
  }

  /** A session whose tokens have run out needs no looking after. */
  function forget(): void {
    const until = now() - lifetimeMs - lookBackMs
    for (const [id, endedAt] of known) {
      if (endedAt > until) break
      known.delete(id)
    }
  }

  async function look(from: number): Promise<void> {
    for (let after = { endedAt: from, id: '' }; ; ) {
      const page = await store.sessions.listEnded(after, pageSize)
      add(page)
      after = page.at(-1) ?? after
      if (page.length < pageSize) return
    }
  }

  return {
    has: (id) => known.has(id),
    add,

    async start() {
      await look(now() - lifetimeMs - lookBackMs)
      let isFailing = false
      stop = every(lookEveryMs, async () => {
        forget()
        try {
          await look(now() - lookBackMs)
          isFailing = false
        } catch (error) {
          if (!isFailing) onError(error)
          isFailing = true
        }
      })
    },

    stop: () => stop(),
  }
}
