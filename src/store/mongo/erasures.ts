import { ObjectId, Timestamp } from 'mongodb'
import type { Change } from '../../domain/change.ts'
import { addCounts, nothingErased } from '../../domain/erasure.ts'
import type { ErasureStore } from '../erasures.ts'
import { isNumbered } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { isDuplicate } from './engine/failure.ts'
import type { ChangeLog } from './log/changes.ts'
import { keysWithout } from './mentions.ts'
import type { Removals } from './removals.ts'

interface Deps {
  connection: Connection
  /** The connection for what may take long. */
  patient: Connection
  changeLog: Pick<ChangeLog, 'append'>
  removals: Removals
  /** Of a write that begins now. */
  deadline(): number
}

/** Other instances look for what is stamped so. Stamps may be seen out of their order for so many seconds. */
export const stamped = { $currentDate: { changed: { $type: 'timestamp' } } } as const
const overlapSeconds = 10
/** What names a user may be in any group, and is looked for in all of them, beside what people do. */
const places = ['beside', 'mentions', 'logs', 'told'] as const
const groupsPerStep = 50

export function createErasures({ connection, patient, changeLog, removals, deadline }: Deps): ErasureStore {
  const { erasures, messages, reactions } = connection

  const steps: { [Place in (typeof places)[number]]: (userId: string, alias: string) => Promise<void> } = {
    async beside(user_id, alias) {
      // Whoever is banned is no member, though a hand may have put them on the list.
      await patient.groups.updateMany(
        { authorized_user_ids: user_id },
        { $pull: { authorized_user_ids: user_id } },
      )
      await patient.preferences.deleteMany({ user_id })
      await patient.members.deleteMany({ user_id })
      await patient.blocks.deleteMany({ user_id })
      await patient.blocks.deleteMany({ blocked_id: user_id })
      await patient.avatars.deleteMany({ user_id })
      await patient.uploads.deleteMany({ user_id })
      await patient.invites.deleteMany({ created_by: user_id })
      await patient.bans.updateMany({ user_id }, { $set: { 'ban.reason': '' } })
      await patient.bans.updateMany({ 'ban.created_by': user_id }, { $set: { 'ban.created_by': alias } })
      const said = { reporter_id: alias, reason: '' }
      await patient.reports.updateMany({ reporter_id: user_id }, { $set: said })
      await patient.reports.updateMany({ sender_id: user_id }, { $set: { sender_id: alias } })
      await patient.reports.updateMany({ decided_by: user_id }, { $set: { decided_by: alias } })
      await patient.messages.updateMany({ deleted_by: user_id }, { $set: { deleted_by: alias } })
    },

    async mentions(userId, alias) {
      const found = patient.messages.find({ mentions: userId })
      for await (const { _id, group_id, mentions = [], mentioned = [] } of found) {
        const others = mentions.filter((each) => each !== userId)
        const $set = { mentions: others, mentioned: keysWithout(mentioned, userId), unmentioned: alias }
        await patient.messages.updateOne({ _id, group_id, mentions }, { $set })
      }
    },

    async logs(userId, alias) {
      await patient.changes.updateMany({ 'data.user_id': userId }, { $set: { 'data.user_id': alias } })
      await patient.changes.updateMany({ 'data.by': userId }, { $set: { 'data.by': alias } })
      await patient.changes.updateMany({ user_id: userId }, { $set: { user_id: alias } })
    },

    // The groups are told in `rest`.
    told: async () => undefined,
  }

  /** Groups of which something was changed that no entry of the log tells of, and that were not told so yet. */
  async function changedGroups(alias: string): Promise<string[]> {
    const [logged, mentioning] = await Promise.all([
      patient.changes.distinct('group_id', { $or: [{ 'data.user_id': alias }, { 'data.by': alias }] }),
      patient.messages.distinct('group_id', { unmentioned: alias }),
    ])
    const there = [...new Set([...logged, ...mentioning])].sort()
    const told = await patient.changes
      .find({ _id: { $in: there.map((id) => entryId(alias, id)) } }, { projection: { group_id: 1 } })
      .toArray()
    const known = new Set(told.map(({ group_id }) => group_id))
    return there.filter((id) => !known.has(id))
  }

  async function tell(alias: string, at: number): Promise<{ changes: Change[]; isDone: boolean }> {
    const groupIds = await changedGroups(alias)
    const changes: Change[] = []
    for (const groupId of groupIds.slice(0, groupsPerStep)) {
      const living = await connection.groups.findOne(
        { _id: new ObjectId(groupId) },
        { projection: { _id: 1 } },
      )
      if (!living) continue
      const draft = { _id: entryId(alias, groupId), type: 'group_updated', at: new Date(at) }
      changes.push(await changeLog.append(groupId, draft, deadline()))
    }
    return { changes, isDone: !changes.length }
  }

  return {
    async begin(key, { userId, by, alias }) {
      const whose = { user_id: userId, by }
      for (const [isOver, change] of [
        [false, whose],
        [true, { ...whose, alias }],
      ] as const) {
        const there = await erasures.findOneAndUpdate(
          { _id: key, is_refused: true, user_id: { $exists: !isOver } },
          { $set: change },
          { returnDocument: 'after' },
        )
        if (there) return { alias: there.alias, counts: there.counts }
      }
      const $set = { ...whose, alias, counts: nothingErased, is_refused: true }
      try {
        await erasures.updateOne(
          { _id: key, is_refused: { $ne: true } },
          { $set, ...stamped },
          { upsert: true },
        )
      } catch (error) {
        if (!isDuplicate(error)) throw error
      }
      const made = await erasures.findOne({ _id: key })
      return { alias: made?.alias ?? alias, counts: made?.counts ?? nothingErased }
    },

    async count(key, more) {
      const $inc = Object.fromEntries(
        Object.entries(more).map(([name, by]) => [`counts.${name}`, by]),
      ) as Record<string, number>
      if (!Object.keys($inc).length) return (await erasures.findOne({ _id: key }))?.counts ?? nothingErased
      const doc = await erasures.findOneAndUpdate({ _id: key }, { $inc }, { returnDocument: 'after' })
      return doc?.counts ?? addCounts(nothingErased, more)
    },

    async end(key) {
      const doc = await erasures.findOneAndUpdate({ _id: key }, { $unset: nobodys })
      return doc?.counts ?? nothingErased
    },

    async unfinished(limit) {
      const docs = await erasures
        .find({ user_id: { $exists: true }, is_refused: true })
        .limit(limit)
        .toArray()
      return docs.map(({ user_id: userId = '', by = '', alias }) => ({ userId, by, alias }))
    },

    async admit(key) {
      const change = { $set: { is_refused: false }, $unset: nobodys, ...stamped }
      return (await erasures.updateOne({ _id: key, is_refused: true }, change)).modifiedCount === 1
    },

    async refused(since) {
      const docs = await erasures
        .find(since === null ? {} : { changed: { $gte: new Timestamp(BigInt(since)) } })
        .toArray()
      const last = docs.reduce((high, { changed }) => (changed?.greaterThan(high) ? changed : high), zero)
      const seconds = Math.max(0, last.getHighBitsUnsigned() - overlapSeconds)
      return {
        keys: docs.map(({ _id, is_refused }) => [_id, is_refused] as const),
        next: docs.length || since === null ? String(new Timestamp({ t: seconds, i: 0 })) : since,
      }
    },

    async messages(userId, alias, limit, at) {
      const found = await messages
        .find({ sender_id: userId, seq: { $gte: 1 } })
        .limit(limit)
        .toArray()
      const groupId = found[0]?.group_id
      const some = found.filter(isNumbered).filter(({ group_id }) => group_id === groupId)
      const first = some[0]
      if (!first || groupId === undefined) return { value: 0, changes: [] }
      const living = await connection.groups.findOne(
        { _id: new ObjectId(groupId) },
        { projection: { _id: 1 } },
      )
      // The rest of a deletion takes them along.
      if (!living) {
        await messages.deleteMany({ _id: { $in: some.map(({ _id }) => _id) } })
        return { value: some.length, changes: [] }
      }
      const logged = await removals.remove(
        some,
        (removed) => ({
          _id: `erased:${alias}:${first._id.toHexString()}`,
          type: 'messages_erased',
          at: new Date(at),
          data: { message_ids: removed.map(({ _id }) => _id.toHexString()) },
        }),
        deadline(),
      )
      await removals.settle(
        some.map(({ _id }) => _id),
        { $set: { sender_id: alias }, $unset: { client_id: '', send_hash: '' } },
      )
      return { value: some.length, changes: logged ? [logged] : [] }
    },

    async reactions(userId, limit) {
      const docs = await reactions.find({ user_id: userId, is_there: true }).limit(limit).toArray()
      const ids = docs.map(({ message_id }) => new ObjectId(message_id))
      const there = await messages
        .find({ _id: { $in: ids }, is_deleted: { $ne: true } }, { projection: { _id: 1 } })
        .toArray()
      const shown = new Set(there.map(({ _id }) => _id.toHexString()))
      const hidden = docs.filter(({ message_id }) => !shown.has(message_id))
      if (hidden.length) await reactions.deleteMany({ _id: { $in: hidden.map(({ _id }) => _id) } })
      const found = docs
        .filter(({ message_id }) => shown.has(message_id))
        .map(({ message_id: messageId, emoji }) => ({ messageId, emoji }))
      return { found, dropped: hidden.length }
    },

    async rest(userId, alias, place, at) {
      const step = places.find((each) => each === place) ?? 'beside'
      await steps[step](userId, alias)
      const next = places[places.indexOf(step) + 1]
      if (next) return { value: next, changes: [] }
      const { changes, isDone } = await tell(alias, at)
      return { value: isDone ? null : 'told', changes }
    },
  }
}

/** What an erasure no longer says when it is over. */
const nobodys = { user_id: '', by: '' } as const

const zero = new Timestamp({ t: 0, i: 0 })

const entryId = (alias: string, groupId: string): string => `erased:${alias}:${groupId}`
