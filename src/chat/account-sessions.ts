import type { Account } from '../domain/account.ts'
import type { EndedSession, SessionEndReason } from '../domain/account-session.ts'
import type { Caller } from '../domain/caller.ts'
import { ChatError } from '../domain/errors.ts'
import { limits } from '../domain/limits.ts'
import type { Profile } from '../domain/profile.ts'
import type { Store } from '../store/store.ts'
import type { Endings } from './endings.ts'

/** What whoever logs in is given. */
export interface LoggedIn {
  readonly accessToken: string
  /** Seconds. */
  readonly expiresIn: number
  readonly refreshToken: string
  readonly profile: Profile
}

/** The logins of accounts, from the first token to the end. */
export interface AccountSessions {
  /** Throws unauthenticated (the account is gone, disabled, or has another password by now), unavailable. */
  open(account: Account, profile: Profile): Promise<LoggedIn>
  /**
   * New tokens for a refresh token. It may be used again until its successor is; then it ends its session, because one of the two who have
   * it has stolen it. Throws unauthenticated.
   */
  refresh(refreshToken: string): Promise<LoggedIn>
  /** Ends the sessions of the access token's caller and of the refresh token. Throws unauthenticated (neither), forbidden (another issuer's). */
  logOut(by: Caller | undefined, refreshToken: string | undefined): Promise<void>
  /** The same for all sessions of their users. */
  logOutAll(by: Caller | undefined, refreshToken: string | undefined): Promise<void>
  /** Ends all sessions of a user but this one. */
  endAll(userId: string, why: SessionEndReason, except?: string): Promise<void>
}

/** How tokens are made and read. */
export interface AccountTokens {
  readonly expiresIn: number
  sign(user: Pick<Profile, 'id' | 'username' | 'displayName'>, sessionId: string): Promise<string>
  first(sessionId: string): RefreshToken
  successor(token: RefreshToken): RefreshToken
  parse(text: string): RefreshToken | null
  isBefore(token: RefreshToken, count: number, hash: string): boolean
}

interface RefreshToken {
  readonly text: string
  readonly sessionId: string
  readonly count: number
  readonly hash: string
}

interface Deps {
  store: Pick<Store, 'sessions' | 'profiles'>
  tokens: AccountTokens
  endings: Pick<Endings, 'add'>
  now: () => number
  newId: () => string
}

const lastsMs = 30 * 24 * 3_600_000

/** `sid` of a session, and whose it is. */
interface Login {
  readonly sessionId: string
  readonly userId: string
}

export function createAccountSessions({ store, tokens, endings, now, newId }: Deps): AccountSessions {
  const { sessions } = store

  const answer = async (profile: Profile, { text, sessionId }: RefreshToken): Promise<LoggedIn> => ({
    accessToken: await tokens.sign(profile, sessionId),
    expiresIn: tokens.expiresIn,
    refreshToken: text,
    profile,
  })

  async function end(id: string, why: SessionEndReason): Promise<void> {
    const ended = await sessions.end(id, why, now())
    if (ended) endings.add([ended])
  }

  async function endAll(userId: string, why: SessionEndReason, except?: string): Promise<void> {
    endings.add(await sessions.endAll(userId, why, now(), except))
  }

  /** Whose refresh token it is, also when its successor was used. Throws unauthenticated. */
  async function loginOf(refreshToken: string): Promise<Login> {
    const shown = tokens.parse(refreshToken)
    const session = shown && (await sessions.read(shown.sessionId, now()))
    const isTrue =
      session &&
      (shown.hash === session.hash ||
        shown.hash === session.nextHash ||
        tokens.isBefore(shown, session.count, session.hash))
    if (!isTrue) throw refused()
    return { sessionId: session.id, userId: session.userId }
  }

  async function loginsOf(by: Caller | undefined, refreshToken: string | undefined): Promise<Login[]> {
    const logins: Login[] = []
    if (by?.sessionId !== undefined) logins.push({ sessionId: by.sessionId, userId: by.userId })
    if (refreshToken) logins.push(await loginOf(refreshToken))
    if (logins.length) return logins
    if (by) throw new ChatError('forbidden', 'The token was not given out here: log out where it came from.')
    throw new ChatError('unauthenticated', 'Send an access token that is good still, or refresh_token.')
  }

  return {
    async open(account, profile) {
      const at = now()
      const first = tokens.first(newId())
      const made = {
        id: first.sessionId,
        userId: account.id,
        count: 0,
        hash: first.hash,
        nextHash: null,
        createdAt: at,
        refreshedAt: at,
        expiresAt: at + lastsMs,
      }
      const ended: readonly EndedSession[] | null = await sessions.create(
        made,
        account.passwordVer,
        limits.sessions,
      )
      if (!ended)
        throw new ChatError('unauthenticated', 'The account was changed just now: log in once more.')
      endings.add(ended)
      return answer(profile, first)
    },

    async refresh(refreshToken) {
      const shown = tokens.parse(refreshToken)
      if (!shown) throw refused()
      const next = tokens.successor(shown)
      const at = now()
      const rotation = { count: shown.count, hash: shown.hash, nextHash: next.hash }
      if (!(await sessions.rotate(shown.sessionId, rotation, at, at + lastsMs))) {
        const session = await sessions.read(shown.sessionId, at)
        if (session && tokens.isBefore(shown, session.count, session.hash)) await end(session.id, 'stolen')
        throw refused()
      }
      const session = await sessions.read(shown.sessionId, at)
      const [profile] = session ? await store.profiles.read([session.userId]) : []
      if (!profile) throw refused()
      return answer(profile, next)
    },

    async logOut(by, refreshToken) {
      const logins = await loginsOf(by, refreshToken)
      for (const { sessionId } of logins) await end(sessionId, 'logged_out')
    },

    async logOutAll(by, refreshToken) {
      const logins = await loginsOf(by, refreshToken)
      for (const userId of new Set(logins.map((each) => each.userId))) await endAll(userId, 'logged_out')
    },

    endAll,
  }
}

const refused = () =>
  new ChatError('unauthenticated', 'The refresh token is not good any more: log in again.')
