import { type Static, Type } from 'typebox'
import { ChatError } from './errors.ts'
import { limits } from './limits.ts'
import type { PersonView } from './person.ts'
import { Label, Time, time } from './text.ts'
import { endsInWord, wordStart } from './word-start.ts'

/** Who a user is to others. Times are milliseconds since 1970. */
export interface Profile {
  /** The user's id, as tokens name them (`sub`). */
  readonly id: string
  /** 1, 2, 3, ... in the order in which users became known, for good. */
  readonly number: number
  /** Unlike everybody else's, but for that of a stub. */
  readonly username: string
  readonly displayName: string
  readonly email: string | null
  readonly avatarUrl: string | null
  readonly createdAt: number
  /** null for one who was never here. */
  readonly lastSeenAt: number | null
  /** `stub`: others have named the user, and nobody has seen them yet. */
  readonly origin: 'stub' | 'token' | 'account'
  /** The display name of the token that was seen last, which may have been given up for one of the user's own. */
  readonly claimedName: string | null
  /** When that token was issued; null where it did not say so. */
  readonly claimedAt: number | null
}

/** What members are found by. */
export type Called = Pick<Profile, 'username' | 'displayName'>

/** A test for users who are called so: by their id, or by a name of theirs, if they have any. */
export function isCalled(q: string): (userId: string, called: Called | undefined) => boolean {
  const matches = wordStart(q)
  return (userId, called) =>
    matches(userId) || (called !== undefined && (matches(called.username) || matches(called.displayName)))
}

/** What an accepted token says of its user. */
export interface Claims {
  readonly userId: string
  readonly username: string
  readonly name: string | null
  readonly email: string | null
  /** Milliseconds since 1970; null for a token that does not say so. */
  readonly issuedAt: number | null
}

/** What is known of an account when it is made. */
export type NewAccount = Pick<Profile, 'id' | 'username' | 'displayName' | 'email'>

/** What may be changed of a profile; a field that is left out stays as it is. */
export type ProfileChanges = Partial<Pick<Profile, 'displayName' | 'email' | 'avatarUrl'>>

/**
 * The same for names that are taken for each other: without regard to case, to the forms of characters that Unicode holds for the same,
 * and to what can't be seen.
 */
export const nameKey = (username: string): string => visibleFold(username.normalize('NFKC')).normalize('NFKC')

/** The same for addresses that are taken for each other. */
export const emailKey = nameKey

/** Upper case first, because some letters have no other way to their one form: ß is SS, and so ss. */
const visibleFold = (text: string): string =>
  text
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toUpperCase()
    .toLowerCase()

const mark = '~'

/** The name of a user whose wanted one is taken. Nobody else can have it, because no number is given twice. */
export const numberedName = (wanted: string, number: number): string => `${wanted}${mark}${number}`

/** False for names that might be mistaken for a numbered one, which are therefore numbered themselves. */
export const isPlainName = (wanted: string): boolean => !wanted.includes(mark)

/** The name that the user's token gave, which may be taken. */
function claimedUsername({ username, number }: Profile): string {
  const end = numberedName('', number)
  return username.endsWith(end) ? username.slice(0, -end.length) : username
}

/** Whether a token says what is not in the profile yet. An account knows better, and so does a token that was issued later. */
export function hasNews(profile: Profile, claims: Claims): boolean {
  if (profile.origin === 'account') return false
  if (profile.origin === 'stub') return true
  if (claims.issuedAt !== null && profile.claimedAt !== null && claims.issuedAt < profile.claimedAt)
    return false
  return (
    claimedUsername(profile) !== claims.username ||
    profile.claimedName !== claims.name ||
    profile.email !== claims.email
  )
}

/** A profile of somebody who was only named so far. */
export const stubOf = (userId: string, number: number, at: number): Profile => ({
  id: userId,
  number,
  username: userId,
  displayName: userId,
  email: null,
  avatarUrl: null,
  createdAt: at,
  lastSeenAt: null,
  origin: 'stub',
  claimedName: null,
  claimedAt: null,
})

/** The profile as the claims make it. The username is the one that they want; it may have to be numbered. */
export function withClaims(
  before: Profile,
  { username, name, email, issuedAt }: Claims,
  at: number,
): Profile {
  const keepsOwn = before.origin === 'token' && before.claimedName === name && hasOwnName(before)
  return {
    ...before,
    username,
    displayName: keepsOwn ? before.displayName : displayNameOf(username, name),
    email,
    lastSeenAt: Math.max(before.lastSeenAt ?? 0, at),
    origin: 'token',
    claimedName: name,
    claimedAt: issuedAt,
  }
}

const displayNameOf = (username: string, name: string | null): string => name ?? username

/** The user has chosen another name than the token's. */
const hasOwnName = (profile: Profile): boolean =>
  profile.displayName !== displayNameOf(claimedUsername(profile), profile.claimedName)

export const accountOf = (account: NewAccount, number: number, at: number): Profile => ({
  ...stubOf(account.id, number, at),
  ...account,
  origin: 'account',
})

/** The user as others see them beside what they do. */
export const personOf = ({ id, username, displayName, avatarUrl }: Profile): PersonView => ({
  id,
  username,
  display_name: displayName,
  avatar_url: avatarUrl,
})

export const nameTaken = () => new ChatError('name_taken', 'This username is taken: choose another one.')
export const emailTaken = () => new ChatError('email_taken', 'Another account has this e-mail address.')

const termLength = 64
const mostTerms = 12

/** What a search term and the texts that it is compared with are folded to: without case, accents, and more than one space. */
export const searchFold = (text: string): string =>
  [
    ...visibleFold(text.normalize('NFKD'))
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .replace(/\s+/gu, ' ')
      .trimStart(),
  ]
    .slice(0, termLength)
    .join('')

/** What a search may begin with to find the profile: its username, and its display name from each of its words on. */
export function searchTerms({ username, displayName }: Pick<Profile, 'username' | 'displayName'>): string[] {
  const terms = new Set([searchFold(username)])
  const letters = [...displayName.normalize('NFC')]
  let before = ''
  for (const [i, letter] of letters.entries()) {
    if (terms.size >= mostTerms) break
    if (!endsInWord.test(before) && (i === 0 || endsInWord.test(letter)))
      terms.add(searchFold(letters.slice(i).join('')))
    before = letter
  }
  return [...terms].filter((term) => term !== '')
}

const Person = {
  id: Type.String(),
  number: Type.Integer({ minimum: 1, description: '1, 2, 3, ... in the order of becoming known, for good.' }),
  username: Type.String({ description: 'Unlike everybody else’s: `name~number` where the name was taken.' }),
  display_name: Type.String(),
  avatar_url: Type.Union([Type.String(), Type.Null()], {
    description: 'A path of this service, which needs no token and always has the same picture.',
  }),
  created_at: Time,
  last_seen_at: Type.Union([Time, Type.Null()], {
    description: 'null for somebody who was named by others, and has not been here yet.',
  }),
}

export const profileExample = {
  id: 'alice',
  number: 1,
  username: 'alice',
  display_name: 'Alice Liddell',
  avatar_url: null,
  created_at: '2026-01-01T00:00:00.000Z',
  last_seen_at: '2026-01-01T11:00:00.000Z',
}

export const ProfileView = Type.Object(Person, { title: 'Profile', examples: [profileExample] })
export type ProfileView = Static<typeof ProfileView>

export const profileView = (profile: Profile): ProfileView => ({
  id: profile.id,
  number: profile.number,
  username: profile.username,
  display_name: profile.displayName,
  avatar_url: profile.avatarUrl,
  created_at: time(profile.createdAt),
  last_seen_at: profile.lastSeenAt === null ? null : time(profile.lastSeenAt),
})

export const OwnProfileView = Type.Object(
  { ...Person, email: Type.Union([Type.String(), Type.Null()], { description: 'Shown to oneself only.' }) },
  { title: 'OwnProfile', examples: [{ ...profileExample, email: 'alice@example.org' }] },
)
export type OwnProfileView = Static<typeof OwnProfileView>

export const ownProfileView = (profile: Profile): OwnProfileView => ({
  ...profileView(profile),
  email: profile.email,
})

export const DisplayName = Label({ maxLength: limits.displayName })

/** RFC 5321 allows no longer one. That somebody reads what is sent there is never checked. */
export const EmailAddress = Type.String({
  maxLength: 254,
  pattern: '^[^\\s@\\p{C}]+@[^\\s@\\p{C}]+$',
  description: 'An e-mail address.',
})

export const ProfileUpdate = Type.Object(
  {
    display_name: Type.Optional(DisplayName),
    email: Type.Optional(
      Type.Union([EmailAddress, Type.Null()], { description: 'Only of an account here; unlike all others.' }),
    ),
  },
  { title: 'ProfileUpdate', examples: [{ display_name: 'Alice' }] },
)
export type ProfileUpdate = Static<typeof ProfileUpdate>
