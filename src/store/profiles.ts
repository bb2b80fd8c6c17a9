import type { Claims, NewAccount, Profile, ProfileChanges } from '../domain/profile.ts'

/**
 * Who users are. Usernames are one namespace (`nameKey`), first come: who wants one that is taken by a token's or an account's user gets
 * it with their number (`numberedName`). A stub's name is taken by nobody. Numbers are given once, whoever gives them where.
 */
export interface ProfileStore {
  /**
   * Takes what accepted tokens say into the profiles, as far as it is news (`hasNews`). Who has none gets one. Each user at most once, at
   * most 500 of them. Resolves to their profiles, in no particular order.
   */
  see(claims: readonly Claims[], at: number): Promise<readonly Profile[]>
  /** Gives a stub to those who have no profile. At most 500 users. Resolves to the profiles of all, in no particular order. */
  name(userIds: readonly string[], at: number): Promise<readonly Profile[]>
  /**
   * Makes the profile of a new account. Throws name_taken, email_taken (by another account: what tokens say of addresses takes none),
   * conflict when the id has a profile already.
   */
  register(account: NewAccount, at: number): Promise<Profile>
  /** Throws not_found, email_taken (only of accounts). Resolves to the profile before and after. */
  change(userId: string, changes: ProfileChanges): Promise<{ before: Profile; after: Profile }>
  /** Nothing is known of the user any more. Their number is given to nobody else. */
  remove(userId: string): Promise<void>
  /** The users were here; `lastSeenAt` never goes back. At most 500. Users without a profile are passed over. */
  touch(userIds: readonly string[], at: number): Promise<void>

  /** At most 1,000 ids. Resolves to the profiles that there are, in no particular order. */
  read(userIds: readonly string[]): Promise<readonly Profile[]>
  /** At most 1,000 numbers; as `read`. */
  readNumbers(numbers: readonly number[]): Promise<readonly Profile[]>
  /** Whoever has the name. If nobody has, the stub of whom it is the id. */
  readByName(username: string): Promise<Profile | null>
  /** The account of this address. */
  readByEmail(email: string): Promise<Profile | null>
  /**
   * Those whose username, display name, or a word of it, begins so, without regard to case and accents, in the order of what was found.
   * At most `limit` (1 to 500). The cost is that of what is found, however many profiles there are.
   */
  search(prefix: string, limit: number): Promise<readonly Profile[]>
}
