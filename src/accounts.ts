import { accountKeys } from './auth/account-keys.ts'
import { createAccountTokens } from './auth/account-tokens.ts'
import { createPasswords } from './auth/passwords.ts'
import { createAccountSessions } from './chat/account-sessions.ts'
import { type Accounts, createAccounts } from './chat/accounts.ts'
import { createEndings } from './chat/endings.ts'
import { createIds } from './chat/ids.ts'
import { createThrottle } from './chat/throttle.ts'
import type { Config } from './config.ts'
import type { EndedSession } from './domain/account-session.ts'
import type { Store } from './store/store.ts'

/** Users of our own, with all that serves them. */
export interface AccountParts {
  readonly accounts: Accounts
  /** Throws unavailable. */
  isAccount(userId: string): Promise<boolean>
  /** Whether a session has ended, on whatever instance, before its tokens do. */
  isEnded(sessionId: string): boolean
  /** Resolves when it is known what has ended before. Throws unavailable. */
  start(): Promise<void>
  stop(): Promise<void>
}

interface Deps {
  store: Pick<Store, 'accounts' | 'attempts' | 'profiles' | 'sessions'>
  now: () => number
  onLimited(what: string): void
  onEnded(ended: readonly EndedSession[]): void
  /** It could not be looked which sessions have ended. */
  onUnknown(error: unknown): void
}

/** null for a service that has no users of its own. */
export function createAccountParts(
  config: Config,
  { store, now, onLimited, onEnded, onUnknown }: Deps,
): AccountParts | null {
  const keys = accountKeys(config)
  if (!keys) return null
  const lifetimeMs = config.accessTokenExpireMinutes * 60_000
  const newId = createIds(now)
  const endings = createEndings({ store, now, lifetimeMs, onEnded, onError: onUnknown })
  const tokens = createAccountTokens(keys, lifetimeMs, now)
  const sessions = createAccountSessions({ store, tokens, endings, now, newId })
  const throttle = createThrottle({
    store,
    now,
    loginsPerMinute: config.rateLimitLogins,
    registrations: config.rateLimitRegistrations,
    onRefused: onLimited,
  })
  const passwords = createPasswords()
  return {
    accounts: createAccounts({ store, sessions, passwords, throttle, now, newId }),
    isAccount: async (userId) => (await store.accounts.read(userId)) !== null,
    isEnded: endings.has,
    start: endings.start,
    async stop() {
      endings.stop()
      await passwords.close()
    },
  }
}
