import { requireMay, requireNotBanned } from '../../domain/access.ts'
import type { Caller } from '../../domain/caller.ts'
import { ChatError, notFound } from '../../domain/errors.ts'
import { type Invite, requireRoomForInvite, requireUsable } from '../../domain/invite.ts'
import { limits } from '../../domain/limits.ts'
import type { InviteStore } from '../invites.ts'
import type { Written } from '../written.ts'
import type { Connection } from './engine/connect.ts'
import { isDuplicate, isRefusal, unavailable } from './engine/failure.ts'
import { markId } from './log/pending.ts'
import type { Late, MemberChanges } from './member-changes.ts'
import type { Members } from './members.ts'
import type { InviteDoc } from './own-documents.ts'

/** Nobody who took a use is still about to come in by it after so many milliseconds, whatever the clocks say. */
const staleMs = 60_000

type Use = NonNullable<InviteDoc['taken']>[number]

type Invites = Omit<InviteStore, 'accept'> & {
  accept: Late<InviteStore['accept']>
}

interface Deps {
  connection: Connection
  members: Pick<Members, 'read' | 'check'>
  add: MemberChanges['add']
}

/**
 * A use is taken before the user is made a member, so that no more come in than the invite has uses, and given back where they don't
 * come in. Until that is settled the invite's document names the user. A user who asks again takes their own use over; what a crash
 * leaves is settled by whoever meets it later.
 */
export function createInvites({ connection, members, add }: Deps): Invites {
  const { invites, causal } = connection

  const mayModerate = (groupId: string, by: Caller, at: number) =>
    members.check(groupId, by.userId, (membership) => requireMay('moderate', membership, by, at))

  /**
   * Makes room for an invite that was just made: removes the oldest that can't be used any more, as far as there are too many. Throws
   * limit_reached. Where several are made at the same time, rather too few are made than too many.
   */
  async function makeRoom({ code, groupId, createdAt: at }: Invite): Promise<void> {
    const projection = { expires_at: 1, left: 1 } as const
    const kept = await invites.find({ group_id: groupId }, { projection }).sort(inOrder).toArray()
    const dead = kept.filter(({ expires_at, left }) => expires_at.getTime() <= at || left <= 0)
    try {
      requireRoomForInvite(kept.length - dead.length - 1)
    } catch (error) {
      await invites.deleteOne({ _id: code })
      throw error
    }
    const surplus = dead.slice(0, Math.max(0, kept.length - limits.keptInvites)).map(({ _id }) => _id)
    if (surplus.length) await invites.deleteMany({ _id: { $in: surplus } })
  }

  /** Resolves to false when there is no use left, or the user has taken one meanwhile. */
  async function take(code: string, use: Use): Promise<boolean> {
    const isFree = { _id: code, expires_at: { $gt: use.at }, left: { $gt: 0 } }
    const taken = await invites.updateOne({ ...isFree, 'taken.user_id': { $ne: use.user_id } } as object, {
      $inc: { left: -1, uses: 1 },
      $push: { taken: use },
    })
    return taken.modifiedCount === 1
  }

  /** The same for a use that the user has taken and nobody has settled. */
  async function takeOver(code: string, before: Use, use: Use): Promise<boolean> {
    const taken = await invites.updateOne({ _id: code, 'taken.id': before.id }, {
      $set: { 'taken.$.id': use.id, 'taken.$.at': use.at },
    } as object)
    return taken.modifiedCount === 1
  }

  /** The use counts if the user came in by it. It does nothing when the use was taken over, and left to whoever did that. */
  async function settle(code: string, { id }: Use, counts: boolean): Promise<void> {
    await invites.updateOne({ _id: code, 'taken.id': id }, {
      $pull: { taken: { id } },
      ...(!counts && { $inc: { left: 1, uses: -1 } }),
    } as object)
  }

  const isMember = async (groupId: string, userId: string): Promise<boolean> =>
    Boolean((await members.read(groupId, userId))?.member)

  /** Settles what crashes have left. Resolves to false when there was nothing. */
  async function settleStale({ _id, group_id, taken = [] }: InviteDoc, at: number): Promise<boolean> {
    const stale = taken.filter((use) => use.at.getTime() < at - staleMs)
    for (const use of stale) await settle(_id, use, await isMember(group_id, use.user_id))
    return stale.length > 0
  }

  /** Makes the caller a member by the use, which they have just taken, or taken over. */
  async function comeIn(
    { _id: code, group_id: groupId }: InviteDoc,
    use: Use,
    isTakenOver: boolean,
    by: Caller,
    at: number,
    deadline: number,
  ): Promise<Written<string>> {
    try {
      const { value: added, changes } = await add(deadline, groupId, [by.userId], 'invited', by, at)
      // Who has become a member meanwhile needed no invite, unless that was their own earlier attempt.
      await settle(code, use, added.length > 0 || isTakenOver)
      return { value: groupId, changes }
    } catch (error) {
      // It is not known whether the user came in, so the use stays with them until they, or somebody later, settle it.
      if (!isRefusal(error)) throw error
      await settle(code, use, isTakenOver && (await isMember(groupId, by.userId)))
      throw error
    }
  }

  return {
    async create(made, by) {
      await mayModerate(made.groupId, by, made.createdAt)
      try {
        await invites.insertOne(fromInvite(made))
      } catch (error) {
        if (!isDuplicate(error)) throw error
        throw new ChatError('conflict', 'There is an invite with this code already.')
      }
      await makeRoom(made)
      return { value: made, changes: [] }
    },

    async remove(groupId, code, by, at) {
      await mayModerate(groupId, by, at)
      const { deletedCount } = await invites.deleteOne({ _id: code, group_id: groupId })
      return { value: deletedCount > 0, changes: [] }
    },

    async list(groupId, by, at) {
      await mayModerate(groupId, by, at)
      const filter = { group_id: groupId, expires_at: { $gt: new Date(at) } }
      const docs = await causal.read((options) => invites.find(filter, options).sort(inOrder).toArray())
      return docs.map(toInvite)
    },

    async read(code) {
      const doc = await causal.read((options) => invites.findOne({ _id: code }, options))
      const hasGroup = doc && (await members.read(doc.group_id, doc.created_by)) !== null
      return hasGroup ? toInvite(doc) : null
    },

    async accept(deadline, code, by, at) {
      while (performance.now() <= deadline) {
        const doc = await invites.findOne({ _id: code })
        const membership = doc && (await members.read(doc.group_id, by.userId))
        if (!doc || !membership) throw notFound('invite')
        requireNotBanned(membership, by, at)
        if (membership.member) return { value: doc.group_id, changes: [] }
        if (await settleStale(doc, at)) continue
        const invite = toInvite(doc)
        const before = doc.taken?.find(({ user_id }) => user_id === by.userId)
        const uses = invite.uses - (before ? 1 : 0)
        requireUsable({ ...invite, uses }, await members.read(doc.group_id, doc.created_by), at)
        const use = { user_id: by.userId, id: markId(), at: new Date(at) }
        const isTaken = before ? await takeOver(code, before, use) : await take(code, use)
        if (isTaken) return comeIn(doc, use, before !== undefined, by, at, deadline)
      }
      throw unavailable()
    },
  }
}

const inOrder = { created_at: 1, _id: 1 } as const

/** How many uses are left of an invite that has no bound: more than any group has room for. */
const unbounded = 2 ** 31 - 1

export const fromInvite = (invite: Invite): InviteDoc => ({
  _id: invite.code,
  group_id: invite.groupId,
  created_by: invite.createdBy,
  by_operator: invite.byOperator,
  created_at: new Date(invite.createdAt),
  expires_at: new Date(invite.expiresAt),
  max_uses: invite.maxUses,
  uses: invite.uses,
  left: (invite.maxUses ?? unbounded) - invite.uses,
})

export const toInvite = (doc: InviteDoc): Invite => ({
  code: doc._id,
  groupId: doc.group_id,
  createdBy: doc.created_by,
  byOperator: doc.by_operator,
  createdAt: doc.created_at.getTime(),
  expiresAt: doc.expires_at.getTime(),
  maxUses: doc.max_uses,
  uses: doc.uses,
})
