import type { Account } from '../domain/account.ts'

/** What lets users log in. Who they are, and that no two have the same name, is kept with their profiles. Nothing of it is logged. */
export interface AccountStore {
  /** Keeps a new account. Throws conflict when there is one with this id. */
  create(account: Account): Promise<void>
  /** null when there is none with this id. */
  read(id: string): Promise<Account | null>
  /** The accounts after this id, in the order of their ids, which is that of their making; at most `limit` (1 to 1,000). */
  list(after: string | null, limit: number): Promise<readonly Account[]>
  /** Another password, which raises `passwordVer`. Resolves to the account as it is now, null when there is none. */
  setPassword(id: string, passwordHash: string, at: number): Promise<Account | null>
  /** The same password, hashed anew; nothing is done where its hash is not `from` any more. */
  renewHash(id: string, from: string, to: string): Promise<void>
  /** Resolves to the account as it is now, null when there is none. */
  setDisabled(id: string, disabled: boolean, at: number): Promise<Account | null>
  /** Resolves to false when there was none. */
  remove(id: string): Promise<boolean>
}
