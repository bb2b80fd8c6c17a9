import { lifetimeOf } from '../../../src/client/token.ts'
import { type Cell, createCell } from '../model/cell.ts'
import type { Keeping } from '../model/types.ts'
import { type Accounts, type Granted, Refusal } from './accounts.ts'

/** Who is logged in. */
export interface SessionUser {
  readonly id: string
  readonly name: string
}

/** Being logged in: it outlives the page, and is one for all of the browser's tabs. */
export interface Session {
  /** null: nobody is. A new object for each log-in, of the same user too. */
  readonly user: Cell<SessionUser | null>
  /** Why the last session ended, where the service ended it. */
  readonly ending: string | null
  /** These three reject with the sentence to show. */
  logIn(username: string, password: string): Promise<void>
  register(username: string, password: string): Promise<void>
  useToken(token: string): Promise<void>
  /** An access token with time left; a new one when most of its time is over. Rejects when there is none now. */
  token(): Promise<string>
  /** The service refused the token: resolves with true when there is another one, and else the session is over. */
  renew(sentence: string): Promise<boolean>
  /** The service ended it, with this sentence. */
  end(sentence: string): void
  logOut(): Promise<void>
  /** Another tab may have changed what is kept. */
  look(): void
}

interface Deps {
  readonly accounts: Accounts
  readonly keeping: Keeping
  readonly now: () => number
  /** Runs one after the other, over all tabs. */
  readonly alone: <T>(run: () => Promise<T>) => Promise<T>
}

/** What is kept. */
interface Kept {
  readonly token: string
  /** null for a token that was handed in: nobody gives another one. */
  readonly refreshToken: string | null
  /** From then on there is to be a new one, and then it ends; in milliseconds since 1970. */
  readonly renewAt: number
  readonly endsAt: number
  readonly user: SessionUser
}

const key = 'chat-api.session'
const endingKey = 'chat-api.session-ending'
/** So much of a token's time is used; the library asks for the next one a little later. */
const usedShare = 0.75

export function createSession({ accounts, keeping, now, alone }: Deps): Session {
  const user = createCell<SessionUser | null>(read()?.user ?? null)

  function read(): Kept | null {
    try {
      return JSON.parse(keeping.getItem(key) ?? 'null')
    } catch {
      return null
    }
  }

  function keep(token: string, refreshToken: string | null, of: SessionUser): Kept {
    const lifetime = lifetimeOf(token, now()) ?? Number.MAX_SAFE_INTEGER
    const times = { renewAt: now() + lifetime * usedShare, endsAt: now() + lifetime }
    const kept = { token, refreshToken, ...times, user: of }
    keeping.setItem(key, JSON.stringify(kept))
    return kept
  }

  const begin = (token: string, refreshToken: string | null, { id, username }: Granted['user']): void => {
    keeping.removeItem(endingKey)
    user.set(keep(token, refreshToken, { id, name: username }).user)
  }

  const grant = ({ access_token, refresh_token, user: of }: Granted): void =>
    begin(access_token, refresh_token, of)

  function end(sentence: string | null): void {
    // The other tabs tell it, too.
    if (sentence === null) keeping.removeItem(endingKey)
    else keeping.setItem(endingKey, sentence)
    keeping.removeItem(key)
    user.set(null)
  }

  /** Another tab may have done it while this one waited for its turn. */
  const refresh = (used: string): Promise<string> =>
    alone(async () => {
      const kept = read()
      if (!kept?.refreshToken) throw new Error('There is nobody logged in.')
      if (kept.token !== used) return kept.token
      const granted = await accounts.refresh(kept.refreshToken)
      // Whoever logged out meanwhile stays so.
      if (read()?.refreshToken !== kept.refreshToken) throw new Error('The session has ended.')
      return keep(granted.access_token, granted.refresh_token, kept.user).token
    })

  const isRefused = (error: unknown): boolean =>
    error instanceof Refusal && (error.status === 401 || error.status === 403)

  return {
    user,
    get ending() {
      return keeping.getItem(endingKey)
    },

    logIn: async (username, password) => grant(await accounts.logIn(username, password)),
    register: async (username, password) => grant(await accounts.register(username, password)),
    useToken: async (token) => begin(token, null, await accounts.me(token)),

    async token() {
      const kept = read()
      if (!kept) throw new Error('There is nobody logged in.')
      if (kept.refreshToken === null || now() < kept.renewAt) return kept.token
      try {
        return await refresh(kept.token)
      } catch (error) {
        if (isRefused(error)) end((error as Refusal).message)
        else if (now() < kept.endsAt) return kept.token
        throw error
      }
    },

    async renew(sentence) {
      const kept = read()
      try {
        if (kept?.refreshToken) return Boolean(await refresh(kept.token))
      } catch (error) {
        // Without an answer nobody knows: the token is asked for again when there is a connection.
        if (!isRefused(error)) return read() !== null
      }
      end(sentence)
      return false
    },

    end,

    async logOut() {
      const kept = read()
      end(null)
      if (kept?.refreshToken) await accounts.logOut(kept.token, kept.refreshToken).catch(() => undefined)
    },

    look() {
      const kept = read()
      if (kept?.user.id !== user.value?.id) user.set(kept?.user ?? null)
    },
  }
}

/** By the browser's locks where there are some; they are missing on plain http, where a tab reads what another one stored. */
export const aloneIn = (locks: LockManager | undefined): Deps['alone'] =>
  locks ? (run) => locks.request('chat-api.session', run) : (run) => run()
