import type { AnyBulkWriteOperation, Filter } from 'mongodb'
import { ChatError, notFound } from '../../domain/errors.ts'
import {
  accountOf,
  type Claims,
  emailKey,
  emailTaken,
  hasNews,
  isPlainName,
  nameKey,
  nameTaken,
  numberedName,
  type Profile,
  searchFold,
  searchTerms,
  stubOf,
  withClaims,
} from '../../domain/profile.ts'
import type { ProfileStore } from '../profiles.ts'
import type { Connection } from './engine/connect.ts'
import { takeNumbers } from './engine/counter.ts'
import { failedIndexes, isDuplicate, isOnlyDuplicates } from './engine/failure.ts'
import type { ProfileDoc } from './own-documents.ts'

/** The record of the last number that was given. */
export const counter = 'profile_number'
/** Other instances look for what is stamped so. */
const stamped = { $currentDate: { changed: { $type: 'timestamp' } } } as const

/** A profile as it is to be written. */
interface Wanted {
  /** There is none yet. */
  readonly isNew: boolean
  readonly profile: Profile
}

export function createProfiles(connection: Pick<Connection, 'profiles' | 'meta' | 'causal'>): ProfileStore {
  const { profiles, causal } = connection

  const find = (filter: Filter<ProfileDoc>, limit: number): Promise<Profile[]> =>
    causal.read(async (options) => {
      const docs = await profiles.find(filter, { ...options, limit, batchSize: limit + 1 }).toArray()
      return docs.map(toProfile)
    })
  const read = async (userIds: readonly string[]): Promise<Profile[]> =>
    userIds.length ? find({ _id: { $in: [...userIds] } }, userIds.length) : []
  const one = async (filter: Filter<ProfileDoc>): Promise<Profile | null> =>
    (await find(filter, 1))[0] ?? null

  /** Resolves to those of them whose name was taken. */
  async function write(wanted: readonly Wanted[]): Promise<Wanted[]> {
    if (!wanted.length) return []
    try {
      await profiles.bulkWrite(wanted.map(writeOf), { ordered: false })
      return []
    } catch (error) {
      if (!isOnlyDuplicates(error)) throw error
      return failedIndexes(error).flatMap((i) => wanted[i] ?? [])
    }
  }

  /** Those who come late, or want a name that might be mistaken for a numbered one, get it with their number. */
  async function writeAll(wanted: readonly Wanted[]): Promise<void> {
    const plain = wanted.filter(({ profile }) => isPlainName(profile.username))
    const taken = await write(plain)
    const odd = wanted.filter(({ profile }) => !isPlainName(profile.username))
    await write([...taken, ...odd].map(({ isNew, profile }) => ({ isNew, profile: numbered(profile) })))
  }

  /** Numbers for users who have no profile, in their order. */
  async function withNumbers<T>(
    fresh: readonly T[],
    make: (item: T, number: number) => Profile,
  ): Promise<Wanted[]> {
    const first = fresh.length ? await takeNumbers(connection, counter, fresh.length) : 0
    return fresh.map((item, i) => ({ isNew: true, profile: make(item, first + i) }))
  }

  const byId = (found: readonly Profile[]) => new Map(found.map((profile) => [profile.id, profile]))

  return {
    async see(claims, at) {
      const ids = claims.map(({ userId }) => userId)
      const there = byId(await read(ids))
      const known = claims.flatMap((each) => {
        const before = there.get(each.userId)
        return before && hasNews(before, each) ? { isNew: false, profile: withClaims(before, each, at) } : []
      })
      const fresh = await withNumbers(
        claims.filter(({ userId }) => !there.has(userId)),
        (each: Claims, number) => withClaims(stubOf(each.userId, number, at), each, at),
      )
      if (!known.length && !fresh.length) return [...there.values()]
      await writeAll([...known, ...fresh])
      return read(ids)
    },

    async name(userIds, at) {
      const there = byId(await read(userIds))
      const missing = userIds.filter((id) => !there.has(id))
      if (!missing.length) return [...there.values()]
      await write(await withNumbers(missing, (id, number) => stubOf(id, number, at)))
      return read(userIds)
    },

    async register(account, at) {
      const [wanted] = await withNumbers([account], (each, number) => accountOf(each, number, at))
      if (!wanted) throw new Error('An account got no number.')
      const { profile } = wanted
      try {
        await profiles.insertOne(docOf(profile))
      } catch (error) {
        if (!isDuplicate(error)) throw error
        const [sameId] = await read([account.id])
        if (sameId) throw new ChatError('conflict', 'This id has a profile already.')
        throw (await one({ name_key: nameKey(account.username) })) ? nameTaken() : emailTaken()
      }
      await profiles.updateOne({ _id: profile.id }, stamped)
      return profile
    },

    async change(userId, changes) {
      const [before] = await read([userId])
      if (!before) throw notFound('user')
      const { displayName, email, avatarUrl } = changes
      const isAddressed = before.origin === 'account' && email !== undefined
      const $set = {
        ...(displayName !== undefined && {
          display_name: displayName,
          terms: searchTerms({ username: before.username, displayName }),
        }),
        ...(email !== undefined && { email }),
        ...(isAddressed && email !== null && { email_key: emailKey(email) }),
        ...(avatarUrl !== undefined && { avatar_url: avatarUrl }),
      }
      const $unset = isAddressed && email === null ? { $unset: { email_key: '' as const } } : {}
      const set = Object.keys($set).length ? { $set } : {}
      try {
        const doc = await profiles.findOneAndUpdate({ _id: userId }, { ...set, ...$unset, ...stamped })
        if (!doc) throw notFound('user')
        const replaced = toProfile(doc)
        return { before: replaced, after: { ...replaced, ...changes } }
      } catch (error) {
        throw isDuplicate(error) ? emailTaken() : error
      }
    },

    remove: async (userId) => void (await profiles.deleteOne({ _id: userId })),

    async touch(userIds, at) {
      await profiles.updateMany({ _id: { $in: [...userIds] } }, { $max: { last_seen_at: new Date(at) } })
    },

    read,
    readNumbers: async (numbers) =>
      numbers.length ? find({ number: { $in: [...numbers] } }, numbers.length) : [],
    readByName: async (username) =>
      (await one({ name_key: nameKey(username) })) ?? one({ _id: username, origin: 'stub' }),
    readByEmail: (email) => one({ email_key: emailKey(email) }),

    async search(prefix, limit) {
      const from = searchFold(prefix)
      if (from === '') return []
      // The index has them in the order of their terms, where a server goes by it. Of a few the order is sure.
      const found = await find(
        { terms: { $elemMatch: { $gte: from, $lt: from + lastCharacter } } },
        Math.max(limit, fewestFound),
      )
      const firstTerm = (profile: Profile): string =>
        searchTerms(profile)
          .filter((term) => term.startsWith(from))
          .sort()[0] ?? ''
      return found
        .map((profile) => ({ profile, term: firstTerm(profile) }))
        .sort((a, b) => inOrder(a.term, b.term) || inOrder(a.profile.id, b.profile.id))
        .slice(0, limit)
        .map(({ profile }) => profile)
    },
  }
}

/** So many are read for a search, at least. */
const fewestFound = 200

/** Sorts after all that may follow in a term. */
const lastCharacter = '\u{10ffff}'

const inOrder = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

const numbered = (profile: Profile): Profile => ({
  ...profile,
  username: numberedName(profile.username, profile.number),
})

function writeOf({ isNew, profile }: Wanted): AnyBulkWriteOperation<ProfileDoc> {
  const { _id, ...doc } = docOf(profile)
  // Somebody else may have made it meanwhile, whose number then holds.
  if (isNew)
    return { updateOne: { filter: { _id }, update: { $setOnInsert: doc, ...stamped }, upsert: true } }
  const { number: _, created_at: __, avatar_url: ___, ...claimed } = doc
  return {
    updateOne: { filter: { _id, origin: { $ne: 'account' } }, update: { $set: claimed, ...stamped } },
  }
}

export const docOf = (profile: Profile): ProfileDoc => ({
  _id: profile.id,
  number: profile.number,
  username: profile.username,
  ...(profile.origin !== 'stub' && { name_key: nameKey(profile.username) }),
  display_name: profile.displayName,
  email: profile.email,
  ...(profile.origin === 'account' && profile.email !== null && { email_key: emailKey(profile.email) }),
  avatar_url: profile.avatarUrl,
  created_at: new Date(profile.createdAt),
  last_seen_at: profile.lastSeenAt === null ? null : new Date(profile.lastSeenAt),
  origin: profile.origin,
  claimed_name: profile.claimedName,
  claimed_at: profile.claimedAt === null ? null : new Date(profile.claimedAt),
  terms: searchTerms(profile),
})

export const toProfile = (doc: ProfileDoc): Profile => ({
  id: doc._id,
  number: doc.number,
  username: doc.username,
  displayName: doc.display_name,
  email: doc.email,
  avatarUrl: doc.avatar_url,
  createdAt: doc.created_at.getTime(),
  lastSeenAt: doc.last_seen_at?.getTime() ?? null,
  origin: doc.origin,
  claimedName: doc.claimed_name,
  claimedAt: doc.claimed_at?.getTime() ?? null,
})
