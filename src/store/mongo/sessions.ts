import type { Filter } from 'mongodb'
import type { AccountSession, EndedSession, SessionEndReason } from '../../domain/account-session.ts'
import { ChatError } from '../../domain/errors.ts'
import { keptEndedMs, type SessionStore } from '../sessions.ts'
import type { SessionDoc } from './account-documents.ts'
import type { Connection } from './engine/connect.ts'
import { isDuplicate } from './engine/failure.ts'

/** One that has ended keeps its document for a while. It never lasts again, so what is done twice does no harm. */
export function createSessions({ sessions, accounts, causal }: Connection): SessionStore {
  async function end(id: string, why: SessionEndReason, at: number): Promise<EndedSession | null> {
    const ended_at = new Date(at)
    const doc = await sessions.findOneAndUpdate(
      { _id: id, ended_at: never },
      { $set: { ended_at, why, known_until: new Date(at + keptEndedMs) } },
      { returnDocument: 'after' },
    )
    return doc && toEnded(doc)
  }

  async function endEach(ids: readonly string[], why: SessionEndReason, at: number): Promise<EndedSession[]> {
    const ended = await Promise.all(ids.map((id) => end(id, why, at)))
    return ended.filter((each) => each !== null)
  }

  /** Of the user's sessions that have not ended, without those used last, of which there are so many. */
  async function idsOf(userId: string, skip: number): Promise<string[]> {
    const found = sessions.find(
      { user_id: userId, ended_at: never },
      { projection: { _id: 1 }, sort: { refreshed_at: -1 }, skip },
    )
    return (await found.toArray()).map(({ _id }) => _id)
  }

  return {
    async create(session, passwordVer, most) {
      const { id, userId, createdAt } = session
      try {
        await sessions.insertOne(fromSession(session))
      } catch (error) {
        if (!isDuplicate(error)) throw error
        throw new ChatError('conflict', 'There is a session with this id already.')
      }
      // Whoever disables the account, or changes its password, does so before ending its sessions. So either they find this one, or
      // the account is found here as they have made it.
      const account = await accounts.findOne({ _id: userId, disabled: false, password_ver: passwordVer })
      if (!account) {
        await sessions.deleteOne({ _id: id })
        return null
      }
      return endEach(await idsOf(userId, most), 'crowded', createdAt)
    },

    async read(id, at) {
      const filter = { _id: id, ended_at: never, expires_at: { $gt: new Date(at) } }
      const doc = await causal.read((options) => sessions.findOne(filter, options))
      return doc && toSession(doc)
    },

    async rotate(id, { count, hash, nextHash }, at, expiresAt) {
      const lasting = { _id: id, ended_at: never, expires_at: { $gt: new Date(at) } }
      const renewed = {
        next_hash: nextHash,
        refreshed_at: new Date(at),
        expires_at: new Date(expiresAt),
        known_until: new Date(expiresAt),
      }
      const again = async () =>
        (await sessions.updateOne({ ...lasting, count, hash }, { $set: renewed })).matchedCount > 0
      if (await again()) return true
      const advanced = await sessions.updateOne(
        { ...lasting, count: count - 1, next_hash: hash },
        { $set: { ...renewed, count, hash } },
      )
      // Somebody else may have shown the same token in between.
      return advanced.matchedCount > 0 || again()
    },

    end,
    endAll: async (userId, why, at, except) =>
      endEach(
        (await idsOf(userId, 0)).filter((id) => id !== except),
        why,
        at,
      ),

    async listEnded({ endedAt, id }, limit) {
      const at = new Date(endedAt)
      const filter: Filter<SessionDoc> = {
        $or: [{ ended_at: { $gt: at } }, { ended_at: at, _id: { $gt: id } }],
      }
      const docs = await causal.read((options) =>
        sessions
          .find(filter, { ...options, sort: { ended_at: 1, _id: 1 }, limit, batchSize: limit + 1 })
          .toArray(),
      )
      return docs.map(toEnded)
    },
  }
}

const never = { $exists: false } as const

export const fromSession = (session: AccountSession): SessionDoc => ({
  _id: session.id,
  user_id: session.userId,
  count: session.count,
  hash: session.hash,
  next_hash: session.nextHash,
  created_at: new Date(session.createdAt),
  refreshed_at: new Date(session.refreshedAt),
  expires_at: new Date(session.expiresAt),
  known_until: new Date(session.expiresAt),
})

export const toSession = (doc: SessionDoc): AccountSession => ({
  id: doc._id,
  userId: doc.user_id,
  count: doc.count,
  hash: doc.hash,
  nextHash: doc.next_hash,
  createdAt: doc.created_at.getTime(),
  refreshedAt: doc.refreshed_at.getTime(),
  expiresAt: doc.expires_at.getTime(),
})

const toEnded = ({ _id, user_id, why = 'logged_out', ended_at }: SessionDoc): EndedSession => ({
  id: _id,
  userId: user_id,
  why,
  endedAt: ended_at?.getTime() ?? 0,
})
