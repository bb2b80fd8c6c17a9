import type { DatabaseSync } from 'node:sqlite'
import { ChatError, notFound } from '../../domain/errors.ts'
import {
  accountOf,
  type Claims,
  emailKey,
  emailTaken,
  hasNews,
  isPlainName,
  type NewAccount,
  nameKey,
  nameTaken,
  numberedName,
  type Profile,
  type ProfileChanges,
  searchFold,
  searchTerms,
  stubOf,
  withClaims,
} from '../../domain/profile.ts'
import type { ProfileStore } from '../profiles.ts'
import { columns, firstNumber, firstText, query } from './engine/columns.ts'
import type { Database } from './engine/database.ts'

export const profile = columns<Profile>({
  id: 'id',
  number: 'number',
  username: 'username',
  displayName: 'display_name',
  email: 'email',
  avatarUrl: 'avatar_url',
  createdAt: 'created_at',
  lastSeenAt: 'last_seen_at',
  origin: 'origin',
  claimedName: 'claimed_name',
  claimedAt: 'claimed_at',
})

/** Each of several texts given as JSON. */
const each = '(SELECT value FROM json_each(?))'

function createProfileReads(db: DatabaseSync) {
  const select = (where: string) =>
    query(db, `SELECT ${profile.list} FROM profiles WHERE ${where}`, profile.of)
  const sql = {
    one: select('id = ?'),
    some: select(`id IN ${each}`),
    numbers: select(`number IN ${each}`),
    byName: select('name_key = ?'),
    byEmail: select('email_key = ?'),
    found: query(
      db,
      // A profile may be found by several of its terms.
      `SELECT id FROM (
         SELECT id, min(term) AS term FROM profile_terms WHERE term >= ?1 AND term < ?2 GROUP BY id
       ) ORDER BY term, id LIMIT ?3`,
      firstText,
    ),
  }
  const some = (userIds: readonly string[]): Profile[] => sql.some.all(JSON.stringify(userIds))
  return {
    one: (userId: string): Profile | null => sql.one.get(userId),
    some,
    numbers: (numbers: readonly number[]): Profile[] => sql.numbers.all(JSON.stringify(numbers)),
    named: (username: string): Profile | null => sql.byName.get(nameKey(username)),
    byEmail: (email: string): Profile | null => sql.byEmail.get(emailKey(email)),
    search(prefix: string, limit: number): Profile[] {
      const from = searchFold(prefix)
      if (from === '') return []
      const ids = sql.found.all(from, from + lastCharacter, limit)
      const found = new Map(some(ids).map((one) => [one.id, one]))
      return ids.flatMap((id) => found.get(id) ?? [])
    },
  }
}

/** Sorts after all that may follow in a term. */
const lastCharacter = '\u{10ffff}'

/** Writes a profile, in place of the one before, and removes one, with what it is found by. Only inside a transaction. */
export function createProfileRows(db: DatabaseSync) {
  const sql = {
    remove: db.prepare('DELETE FROM profiles WHERE id = ?'),
    insert: db.prepare(`INSERT INTO profiles ${profile.insert}`),
    keys: db.prepare('UPDATE profiles SET name_key = ?, email_key = ? WHERE id = ?'),
    addTerm: db.prepare('INSERT INTO profile_terms (term, id) VALUES (?, ?)'),
    removeTerm: db.prepare('DELETE FROM profile_terms WHERE term = ? AND id = ?'),
  }

  function remove(before: Profile): void {
    for (const term of searchTerms(before)) sql.removeTerm.run(term, before.id)
    sql.remove.run(before.id)
  }

  return {
    remove,
    put(before: Profile | null, after: Profile): Profile {
      if (before) remove(before)
      sql.insert.run(...profile.values(after))
      const { id, origin, username, email } = after
      sql.keys.run(
        origin === 'stub' ? null : nameKey(username),
        origin === 'account' && email !== null ? emailKey(email) : null,
        id,
      )
      for (const term of searchTerms(after)) sql.addTerm.run(term, id)
      return after
    },
  }
}

export function createProfileWrites(db: DatabaseSync) {
  const reads = createProfileReads(db)
  const { put, remove } = createProfileRows(db)
  const sql = {
    next: query(
      db,
      `INSERT INTO meta (key, value) VALUES ('profile_number', '1')
       ON CONFLICT DO UPDATE SET value = value + 1 RETURNING CAST(value AS INTEGER)`,
      firstNumber,
    ),
    touch: db.prepare(
      `UPDATE profiles SET last_seen_at = max(coalesce(last_seen_at, 0), ?) WHERE id IN ${each}`,
    ),
  }

  function next(): number {
    const number = sql.next.get()
    if (number === null) throw new Error('The counter of profiles gave no number.')
    return number
  }

  function requireEmail(userId: string, email: string | null | undefined): void {
    const holder = email == null ? null : reads.byEmail(email)
    if (holder && holder.id !== userId) throw emailTaken()
  }

  function see(claims: Claims, at: number): Profile {
    const before = reads.one(claims.userId)
    if (before && !hasNews(before, claims)) return before
    const present = before ?? stubOf(claims.userId, next(), at)
    const holder = reads.named(claims.username)
    const isFree = isPlainName(claims.username) && (holder === null || holder.id === claims.userId)
    const username = isFree ? claims.username : numberedName(claims.username, present.number)
    return put(before, { ...withClaims(present, claims, at), username })
  }

  return {
    'profiles.see': (claims: readonly Claims[], at: number): Profile[] => claims.map((one) => see(one, at)),

    'profiles.name': (userIds: readonly string[], at: number): Profile[] =>
      userIds.map((userId) => reads.one(userId) ?? put(null, stubOf(userId, next(), at))),

    'profiles.register'(account: NewAccount, at: number): Profile {
      if (reads.one(account.id)) throw new ChatError('conflict', 'This id has a profile already.')
      if (reads.named(account.username)) throw nameTaken()
      requireEmail(account.id, account.email)
      return put(null, accountOf(account, next(), at))
    },

    'profiles.change'(userId: string, changes: ProfileChanges): { before: Profile; after: Profile } {
      const before = reads.one(userId)
      if (!before) throw notFound('user')
      if (before.origin === 'account') requireEmail(userId, changes.email)
      return { before, after: put(before, { ...before, ...changes }) }
    },

    'profiles.remove'(userId: string): void {
      const before = reads.one(userId)
      if (before) remove(before)
    },

    'profiles.touch': (userIds: readonly string[], at: number): void =>
      void sql.touch.run(at, JSON.stringify(userIds)),
  }
}

interface StoreDeps {
  db: DatabaseSync
  database: Database<ReturnType<typeof createProfileWrites>>
}

export function createProfileStore({ db, database: { read, write } }: StoreDeps): ProfileStore {
  const reads = createProfileReads(db)
  const stubNamed = (username: string): Profile | null => {
    const found = reads.one(username)
    return found?.origin === 'stub' ? found : null
  }
  return {
    see: (claims, at) => write('profiles.see', claims, at),
    name: (userIds, at) => write('profiles.name', userIds, at),
    register: (account, at) => write('profiles.register', account, at),
    change: (userId, changes) => write('profiles.change', userId, changes),
    remove: (userId) => write('profiles.remove', userId),
    touch: (userIds, at) => write('profiles.touch', userIds, at),
    read: async (userIds) => read(() => reads.some(userIds)),
    readNumbers: async (numbers) => read(() => reads.numbers(numbers)),
    readByName: async (username) => read(() => reads.named(username) ?? stubNamed(username)),
    readByEmail: async (email) => read(() => reads.byEmail(email)),
    search: async (prefix, limit) => read(() => reads.search(prefix, limit)),
  }
}
