import { type Static, type TSchema, Type } from 'typebox'
import commonPasswords from './common-passwords.json' with { type: 'json' }
import { limits } from './limits.ts'
import {
  DisplayName,
  nameKey,
  OwnProfileView,
  ownProfileView,
  type Profile,
  profileExample,
} from './profile.ts'
import { invalid } from './validate.ts'

/** What lets a user log in here. Who they are is in their profile, which has the same id. Times are milliseconds since 1970. */
export interface Account {
  readonly id: string
  /** As a PHC string, with the parameters that it was made by. Never to be logged or shown. */
  readonly passwordHash: string
  /** Raised with each new password. That the same password is hashed anew leaves it. */
  readonly passwordVer: number
  readonly disabled: boolean
  readonly createdAt: number
  readonly updatedAt: number
}

/**
 * The scripts in use today (UAX 31, tables 5 and 7), and the three that a language writes together (UTS 39, 5.1). A name of letters
 * that look the same in another script is refused, and one of letters that nobody writes with any more.
 */
const scripts =
  'Adlm Arab Armn Bali Bamu Batk Beng Bopo Cakm Cans Cham Cher Cyrl Deva Ethi Geor Grek Gujr Guru Hang Hani Hebr Hira Hmnp Java Kali ' +
  'Kana Khmr Knda Lana Laoo Latn Lepc Limb Lisu Mand Mlym Mtei Mymr Newa Nkoo Olck Orya Osge Plrd Rohg Saur Sinh Sund Sylo Syrc Tale ' +
  'Talu Taml Tavt Telu Tfng Thaa Thai Tibt Vaii Wcho Yiii Hani+Hira+Kana Hani+Hang Hani+Bopo'
const ofOneScript = scripts.split(' ').map((each) => {
  const letters = each.split('+').map((script) => `\\p{scx=${script}}`)
  return new RegExp(`^[${letters.join('')}\\p{M}\\p{Nd}._-]+$`, 'u')
})
/** A letter with its marks, of which no language needs more, a digit, or one of three signs. */
const made = /^(?:\p{L}\p{M}{0,4}|[\p{Nd}._-])+$/u
const invisible = /\p{Default_Ignorable_Code_Point}/u

const usernameRule = `must have ${limits.usernameMin} to ${limits.username} characters, which are letters of one script, digits, ".", "_" or "-"`

export const isUsername = (given: string): boolean => {
  const name = given.normalize('NFC')
  const { length } = [...name]
  return (
    length >= limits.usernameMin &&
    length <= limits.username &&
    made.test(name) &&
    !invisible.test(name) &&
    ofOneScript.some((each) => each.test(name))
  )
}

export const Username = Type.Refine(
  Type.String({
    description: `It ${usernameRule}. Unlike every other, whatever the case and form of its letters.`,
  }),
  isUsername,
  () => usernameRule,
)

export const Password = Type.String({
  description: `${limits.passwordMin} to ${limits.password} characters, neither the username nor one of the commonest passwords.`,
})

/** The passwords of the users that development makes are written in the documentation, and have to be taken. */
const documented = ['secretpass', 'testpass123', 'alicepass123']

let common: ReadonlySet<string> | undefined

function isCommon(password: string): boolean {
  common ??= new Set(commonPasswords.passwords.split(' '))
  return common.has(password.toLowerCase()) && !documented.includes(password)
}

/** The password in the one form of its characters, whichever keyboard it was typed on (RFC 8265, 4.2). */
export const passwordText = (given: string): string => given.normalize('NFC')

/** Throws invalid for a password that may not be chosen; `field` is what the client calls it. */
export function requirePassword(field: string, given: string, username: string): void {
  const message = passwordMistake(passwordText(given), username)
  if (message) throw invalid([{ field, message }])
}

function passwordMistake(password: string, username: string): string | null {
  const { length } = [...password]
  if (!password.isWellFormed()) return 'must be well-formed Unicode'
  if (length < limits.passwordMin || length > limits.password)
    return `must have ${limits.passwordMin} to ${limits.password} characters`
  if (nameKey(password) === nameKey(username)) return 'must not be the username'
  if (isCommon(password)) return 'is one of the commonest passwords, which are tried first: choose another'
  return null
}

/** True for what can be an e-mail address and no username. */
export const isEmail = (login: string): boolean => login.includes('@')

const emailRule = `must be an e-mail address of at most ${limits.email} characters`

export const Email = Type.Refine(
  Type.String({ description: 'Unlike that of every other account, and never verified here.' }),
  (given) => given.length <= limits.email && /^[^\s@\p{C}]+@[^\s@\p{C}]+$/u.test(given),
  () => emailRule,
)

/** A field that a form has always, and may leave empty. */
const orNone = <T extends TSchema>(schema: T) =>
  Type.Optional(Type.Union([schema, Type.Literal(''), Type.Null()]))

/** What somebody says who registers. Fields beside these are passed over. */
export const NewAccount = Type.Object(
  { username: Username, password: Password, email: orNone(Email), display_name: orNone(DisplayName) },
  {
    title: 'NewAccount',
    examples: [{ username: 'alice', password: 'white-rabbit-1865', email: 'alice@example.org' }],
  },
)
export type NewAccount = Static<typeof NewAccount>

/** Also the fields of an OAuth2 password form (RFC 6749, 4.3.2), of which the others are passed over. */
export const Login = Type.Object(
  {
    username: Type.String({ minLength: 1, description: 'The username, or the e-mail address.' }),
    password: Type.String({ minLength: 1 }),
  },
  { title: 'Login', examples: [{ username: 'alice', password: 'white-rabbit-1865' }] },
)
export type Login = Static<typeof Login>

export const NewPassword = Type.Object(
  { old: Type.String(), new: Password },
  { title: 'NewPassword', examples: [{ old: 'white-rabbit-1865', new: 'looking-glass-1871' }] },
)
export type NewPassword = Static<typeof NewPassword>

/** What an operator may change of an account. */
export const AccountChanges = Type.Object(
  { disabled: Type.Optional(Type.Boolean()), password: Type.Optional(Password) },
  { title: 'AccountChanges', minProperties: 1, examples: [{ disabled: true }] },
)
export type AccountChanges = Static<typeof AccountChanges>

/** An account as operators see it. */
export const AccountView = Type.Object(
  { ...OwnProfileView.properties, disabled: Type.Boolean() },
  {
    title: 'Account',
    examples: [
      { ...profileExample, id: '69a1b0c4e1f2a3b4c5d6e7f8', email: 'alice@example.org', disabled: true },
    ],
  },
)

export const accountView = (
  { disabled }: Pick<Account, 'disabled'>,
  profile: Profile,
): Static<typeof AccountView> => ({ ...ownProfileView(profile), disabled })
