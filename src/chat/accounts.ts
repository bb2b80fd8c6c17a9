import { requireOperator } from '../domain/access.ts'
import {
  type Account,
  type AccountChanges,
  isEmail,
  type Login,
  type NewAccount,
  type NewPassword,
  passwordText,
  requirePassword,
} from '../domain/account.ts'
import type { Caller } from '../domain/caller.ts'
import { ChatError } from '../domain/errors.ts'
import { emailTaken, nameTaken, type Profile } from '../domain/profile.ts'
import type { Store } from '../store/store.ts'
import type { AccountSessions, LoggedIn } from './account-sessions.ts'
import type { Throttle } from './throttle.ts'

/** Users who register and log in here. */
export interface Accounts {
  readonly sessions: Pick<AccountSessions, 'refresh' | 'logOut' | 'logOutAll'>
  /** Operators may register as many as they like. Throws invalid (a password that is too common), name_taken, email_taken, rate_limited, unavailable (too many at once). */
  register(by: Caller | undefined, command: NewAccount, address: string): Promise<LoggedIn>
  /** The same without a login. */
  signUp(by: Caller | undefined, command: NewAccount, address: string): Promise<KnownAccount>
  /** The same without a login, and without limits: for who runs the service. */
  make(command: NewAccount): Promise<Profile>
  /**
   * By username or e-mail address. Throws unauthenticated, which says not whether the name or the password is wrong, disabled (after the
   * right password only), rate_limited, unavailable (too many at once).
   */
  logIn(command: Login, address: string): Promise<LoggedIn>
  /** The caller's account; null for one who has none here. Throws unavailable. */
  own(by: Caller): Promise<Account | null>
  /** Another password, which ends the caller's other sessions. Throws invalid, forbidden (the old one is wrong, no account), rate_limited. */
  setPassword(by: Caller, command: NewPassword): Promise<void>
  /** Either ends all sessions of the user. Throws forbidden (operators only), not_found, invalid. */
  change(by: Caller, userId: string, changes: AccountChanges): Promise<KnownAccount>
}

/** An account, and who that is. */
interface KnownAccount {
  readonly account: Account
  readonly profile: Profile
}

/** Passwords are hashed beside, and slowly. */
export interface Passwords {
  hash(password: string): Promise<string>
  verify(password: string, hash: string | null): Promise<boolean>
  isStale(hash: string): boolean
}

interface Deps {
  store: Pick<Store, 'accounts' | 'profiles'>
  sessions: AccountSessions
  passwords: Passwords
  throttle: Throttle
  now: () => number
  newId: () => string
}

export function createAccounts({ store, sessions, passwords, throttle, now, newId }: Deps): Accounts {
  const { accounts, profiles } = store

  /** Costs the same whether there is one or not. */
  async function find(login: string): Promise<{ account: Account | null; profile: Profile | null }> {
    const profile = await (isEmail(login) ? profiles.readByEmail(login) : profiles.readByName(login))
    const account = await accounts.read(profile?.id ?? '')
    return { account, profile }
  }

  async function requireFree(username: string, email: string | null): Promise<void> {
    const named = await profiles.readByName(username)
    if (named && named.origin !== 'stub') throw nameTaken()
    if (email !== null && (await profiles.readByEmail(email))) throw emailTaken()
  }

  async function create({ username: given, password, email, display_name }: NewAccount) {
    const username = given.normalize('NFC')
    requirePassword('password', password, username)
    const address = email || null
    await requireFree(username, address)
    const id = newId()
    const at = now()
    const passwordHash = await passwords.hash(passwordText(password))
    const account = { id, passwordHash, passwordVer: 1, disabled: false, createdAt: at, updatedAt: at }
    // The name is taken last: should this be interrupted, nobody is kept from the name by an account that is none.
    await accounts.create(account)
    const displayName = display_name ? display_name.normalize('NFC') : username
    try {
      return { account, profile: await profiles.register({ id, username, displayName, email: address }, at) }
    } catch (error) {
      // Somebody else was faster. After any other error it is not known whether the name is taken by this account.
      if (error instanceof ChatError && error.code !== 'unavailable') await accounts.remove(id)
      throw error
    }
  }

  const signUp: Accounts['signUp'] = async (by, command, address) => {
    requirePassword('password', command.password, command.username)
    if (!by?.admin) await throttle.registration(address)
    return create(command)
  }

  async function accountOf(by: Caller): Promise<Account> {
    const account = await accounts.read(by.userId)
    if (!account)
      throw new ChatError('forbidden', 'Only users who have an account here have a password here.')
    return account
  }

  async function passwordOf(password: string, field: string, userId: string): Promise<string> {
    const [profile] = await profiles.read([userId])
    requirePassword(field, password, profile?.username ?? '')
    return passwords.hash(passwordText(password))
  }

  return {
    sessions,

    signUp,

    async register(by, command, address) {
      const { account, profile } = await signUp(by, command, address)
      return sessions.open(account, profile)
    },

    own: ({ userId }) => accounts.read(userId),

    make: async (command) => (await create(command)).profile,

    async logIn({ username, password: given }, address) {
      const attempt = await throttle.login(username, address)
      const { account, profile } = await find(username)
      const password = passwordText(given)
      const isRight = await passwords.verify(password, account?.passwordHash ?? null)
      if (!isRight || !account || !profile)
        throw new ChatError('unauthenticated', 'The username or the password is wrong.')
      if (account.disabled) {
        await attempt.succeeded()
        throw new ChatError('disabled', 'This account is disabled.')
      }
      if (passwords.isStale(account.passwordHash))
        await accounts.renewHash(account.id, account.passwordHash, await passwords.hash(password))
      // The store writes both together.
      const [loggedIn] = await Promise.all([sessions.open(account, profile), attempt.succeeded()])
      return loggedIn
    },

    async setPassword(by, command) {
      const account = await accountOf(by)
      const attempt = await throttle.password(by.userId)
      if (!(await passwords.verify(passwordText(command.old), account.passwordHash)))
        throw new ChatError('forbidden', 'The old password is wrong.')
      await attempt.succeeded()
      const passwordHash = await passwordOf(command.new, 'new', by.userId)
      await accounts.setPassword(by.userId, passwordHash, now())
      await sessions.endAll(by.userId, 'password_changed', by.sessionId)
    },

    async change(by, userId, { disabled, password }) {
      requireOperator(by)
      let account = await accounts.read(userId)
      const [profile] = await profiles.read([userId])
      if (!account || !profile) throw new ChatError('not_found', 'No such account.')
      if (password !== undefined) {
        const passwordHash = await passwordOf(password, 'password', userId)
        account = (await accounts.setPassword(userId, passwordHash, now())) ?? account
      }
      if (disabled !== undefined) account = (await accounts.setDisabled(userId, disabled, now())) ?? account
      if (disabled) await sessions.endAll(userId, 'disabled')
      else if (password !== undefined) await sessions.endAll(userId, 'password_changed')
      return { account, profile }
    },
  }
}
