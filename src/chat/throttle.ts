import type { Budget, Frequency } from '../domain/budget.ts'
import { ChatError } from '../domain/errors.ts'
import { nameKey } from '../domain/profile.ts'
import { addressKey } from '../domain/rates.ts'
import type { Store } from '../store/store.ts'
import { nameDigest } from './ids.ts'

/** How often may be guessed. What is counted is counted in the store, for all instances together, and by digests only. */
export interface Throttle {
  /** Counts an attempt to log in, by a name whether there is one or not. Throws rate_limited, unavailable. */
  login(name: string, address: string): Promise<Attempt>
  /** Counts an attempt of one who has logged in to say their password again. Throws rate_limited, unavailable. */
  password(userId: string): Promise<Attempt>
  /** Throws rate_limited, unavailable. */
  registration(address: string): Promise<void>
}

export interface Attempt {
  /** The password was right: the attempt does not count, and the address is known as the user's from now on. */
  succeeded(): Promise<void>
}

export interface ThrottleOptions {
  /** Wrong passwords a minute for a name from an address; 0 lifts all limits on logins. */
  loginsPerMinute: number
  /** Registrations of an address; `most` 0 is no limit. */
  registrations: Frequency
}

interface Deps extends ThrottleOptions {
  store: Pick<Store, 'attempts'>
  now: () => number
  onRefused(what: 'logins' | 'registrations'): void
}

const minuteMs = 60_000
const quarterMs = 15 * minuteMs
const hourMs = 60 * minuteMs
const ofNameFromAddress = 10
const ofAddress = 50
/** Slow, because only addresses that nobody has logged in from are counted so: a guesser with many addresses can't lock the user out. */
const ofName = 100
const knownForMs = 90 * 24 * hourMs

export function createThrottle({ store, now, loginsPerMinute, registrations, onRefused }: Deps): Throttle {
  const { attempts } = store
  /** No two attempts have the same time. */
  const thisTime = () => now() + Math.random()

  async function take(
    what: 'logins' | 'registrations',
    budgets: readonly Budget[],
    at: number,
  ): Promise<void> {
    const missing = await attempts.take(budgets, at)
    if (missing === 0) return
    onRefused(what)
    const detail =
      what === 'logins'
        ? 'Too many wrong passwords. Try again later.'
        : 'Too many registrations from this address. Try again later.'
    throw new ChatError('rate_limited', detail, { retryAfterMs: Math.ceil(missing) })
  }

  async function guess(budgets: readonly Budget[], known?: string): Promise<Attempt> {
    const at = thisTime()
    await take('logins', budgets, at)
    return {
      async succeeded() {
        await Promise.all([
          attempts.refund(
            budgets.map(({ key }) => key),
            at,
          ),
          known && attempts.remember(known, now() + knownForMs),
        ])
      },
    }
  }

  /** The same, and where the operator allows fewer a minute, no more than that. */
  const andAMinute = (budget: Budget): Budget[] =>
    loginsPerMinute < budget.most
      ? [budget, { key: nameDigest(['minute', budget.key]), most: loginsPerMinute, windowMs: minuteMs }]
      : [budget]

  return {
    async login(name, address) {
      if (loginsPerMinute === 0) return unlimited
      const [who, where] = [nameKey(name), addressKey(address)]
      const known = nameDigest(['known', who, where])
      const isKnown = await attempts.isRemembered(known, now())
      const here = { key: nameDigest(['login', who, where]), most: ofNameFromAddress, windowMs: quarterMs }
      const fromAddress = { key: nameDigest(['logins', where]), most: ofAddress, windowMs: quarterMs }
      const total = { key: nameDigest(['logins of', who]), most: ofName, windowMs: hourMs }
      return guess([...andAMinute(here), fromAddress, ...(isKnown ? [] : [total])], known)
    },

    async password(userId) {
      if (loginsPerMinute === 0) return unlimited
      const budget = { key: nameDigest(['password', userId]), most: ofNameFromAddress, windowMs: quarterMs }
      return guess(andAMinute(budget))
    },

    async registration(address) {
      if (registrations.most === 0) return
      const key = nameDigest(['registrations', addressKey(address)])
      await take('registrations', [{ ...registrations, key }], thisTime())
    },
  }
}

const unlimited: Attempt = { succeeded: async () => undefined }
