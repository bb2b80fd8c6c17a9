import { Type } from 'typebox'
import commonPasswords from './common-passwords.json' with { type: 'json' }
import { limits } from './limits.ts'
import { nameKey } from './profile.ts'
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
