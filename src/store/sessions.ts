import type { AccountSession, EndedSession, Rotation, SessionEndReason } from '../domain/account-session.ts'
import { limits } from '../domain/limits.ts'

/** The logins of accounts. One that has ended is known for `keptEndedMs` after that, so that every instance hears of it. */
export interface SessionStore {
  /**
   * Keeps a new session, unless the user's account is gone, disabled, or has another password than that of `passwordVer`: then it
   * resolves to null, and whoever has set the account so, or is just doing it, leaves no session behind. Otherwise it resolves to those
   * sessions of the user that ended (`crowded`) to make room, because no more than `most` last at the same time. Throws conflict when there is one
   * with this id, for whomever.
   */
  create(session: AccountSession, passwordVer: number, most: number): Promise<readonly EndedSession[] | null>
  /** null when there is none, or it has ended or expired. */
  read(id: string, at: number): Promise<AccountSession | null>
  /**
   * Gives the token that was shown its successor, and the session `expiresAt`. A token is taken when it is the one used last, or the
   * successor of that, which is then the one used last. Resolves to false when it is neither, or there is no such session any more.
   */
  rotate(id: string, shown: Rotation, at: number, expiresAt: number): Promise<boolean>
  /** Ends a session. Resolves to null when there is none that has not ended. */
  end(id: string, why: SessionEndReason, at: number): Promise<EndedSession | null>
  /** Ends all sessions of the user but this one. Resolves to those that it ended. */
  endAll(userId: string, why: SessionEndReason, at: number, except?: string): Promise<readonly EndedSession[]>
  /** Sessions that ended after a time, those of the same time after an id, in the order of both; at most `limit` (1 to 1,000). */
  listEnded(
    after: { readonly endedAt: number; readonly id: string },
    limit: number,
  ): Promise<readonly EndedSession[]>
}

/** Longer than any access token lasts. */
export const keptEndedMs = (limits.accessTokenMinutes + 24 * 60) * 60_000
