import { type Filter, ObjectId } from 'mongodb'
import { requireMay } from '../../domain/access.ts'
import type { Head } from '../../domain/change.ts'
import type { GroupKind } from '../../domain/group.ts'
import type { GroupMarks } from '../../domain/group-list.ts'
import { type Chosen, preferencesIn } from '../../domain/preference.ts'
import type { PreferenceStore } from '../preferences.ts'
import type { Connection } from './engine/connect.ts'
import { local, readHead } from './log/heads.ts'
import { markId } from './log/pending.ts'
import type { Members } from './members.ts'
import type { PreferenceDoc } from './own-documents.ts'

export interface PreferencesOnMongo extends PreferenceStore {
  /** The message is in the direct chat now: shows the chat again to those who had hidden it before, and resolves to these. */
  showBy(groupId: string, seq: number): Promise<readonly string[]>
  /** The groups that the user has pinned or hidden. */
  marksOf(userId: string): Promise<GroupMarks>
}

interface Deps {
  connection: Connection
  members: Members
  readHeads(groupIds: readonly string[]): Promise<ReadonlyMap<string, Head>>
}

/** A group that is no direct chat is hidden whatever comes. */
export const forGood = Number.MAX_SAFE_INTEGER

/**
 * A chat is hidden up to a message, and not hidden as soon as there is a later one, so nobody who sends has to know who is hiding it
 * just now. What is shown again by that is tidied up by whoever sends; if they crash before, it is shown all the same.
 */
export function createPreferences({ connection, members, readHeads }: Deps): PreferencesOnMongo {
  const { preferences, groups, causal } = connection

  const lastSeq = async (groupId: string): Promise<number> => (await readHead(connection, groupId, local)).seq

  async function show(groupId: string, hidden: object): Promise<readonly string[]> {
    const filter = { group_id: groupId, hidden_up_to: hidden } as Filter<PreferenceDoc>
    const found = await preferences.find(filter).toArray()
    const shownTo: string[] = []
    for (const { _id, user_id } of found) {
      const shown = await preferences.updateOne({ ...filter, _id }, { $unset: { hidden_up_to: '' } })
      if (shown.modifiedCount) shownTo.push(user_id)
    }
    // The other instances look at the group, and at those who are in it, when its document changes.
    if (shownTo.length) await groups.updateOne({ _id: new ObjectId(groupId) }, { $set: { shown: markId() } })
    return shownTo
  }

  const showBy = (groupId: string, seq: number) => show(groupId, { $lt: seq })

  async function headsOf(docs: readonly PreferenceDoc[]): Promise<ReadonlyMap<string, Head>> {
    const chats = docs.filter(({ hidden_up_to: upTo }) => upTo !== undefined && upTo !== forGood)
    return chats.length ? readHeads(chats.map(({ group_id }) => group_id)) : new Map()
  }

  async function chosenIn(docs: readonly PreferenceDoc[]): Promise<Map<string, Chosen>> {
    const heads = await headsOf(docs)
    return new Map(
      docs.map((doc) => [doc.group_id, chosenOf(doc, hides(doc, heads.get(doc.group_id)?.seq ?? 0))]),
    )
  }

  /** How far a chat is hidden from now on. */
  const hidingUpTo = (kind: GroupKind, groupId: string): number | Promise<number> =>
    kind === 'direct' ? lastSeq(groupId) : forGood

  return {
    showBy,

    async change(groupId, changes, by, at) {
      const membership = await members.read(groupId, by.userId)
      requireMay('prefer', membership, by, at)
      const { kind } = membership.group
      const _id = `${groupId}:${by.userId}`
      const { notify, pinned, hidden } = changes
      const upTo = hidden ? await hidingUpTo(kind, groupId) : undefined
      const $set = {
        group_id: groupId,
        user_id: by.userId,
        ...(notify !== undefined && { notify }),
        ...(pinned !== undefined && { pinned }),
        ...(upTo !== undefined && { hidden_up_to: upTo }),
      }
      const $unset = hidden === false ? { $unset: { hidden_up_to: '' as const } } : {}
      const doc = await preferences.findOneAndUpdate(
        { _id },
        { $set, ...$unset },
        { upsert: true, returnDocument: 'after' },
      )
      // A message may have come since the last was looked for, and its sender may have seen nothing to show again.
      if (upTo !== undefined && upTo !== forGood) await showBy(groupId, await lastSeq(groupId))
      const chosen = doc && (await chosenIn([doc])).get(groupId)
      return { value: preferencesIn(kind, chosen ?? undefined), changes: [] }
    },

    show: (groupId) => show(groupId, { $exists: true }),

    notifyIn: (groupId) =>
      causal.read(async (options) => {
        const filter = { group_id: groupId, notify: { $exists: true } }
        const docs = await preferences.find(filter, options).toArray()
        return new Map(docs.flatMap(({ user_id, notify }) => (notify ? [[user_id, notify] as const] : [])))
      }),

    async ofUser(userId, groupIds) {
      const ids = groupIds.map((groupId) => `${groupId}:${userId}`)
      const docs = await causal.read((options) =>
        preferences.find({ _id: { $in: ids } }, { ...options, batchSize: ids.length + 1 }).toArray(),
      )
      return chosenIn(docs)
    },

    async marksOf(userId) {
      const isMarked = [{ pinned: true }, { hidden_up_to: { $gte: 0 } }]
      const docs = await causal.read((options) =>
        preferences.find({ user_id: userId, $or: isMarked }, options).toArray(),
      )
      const chosen = [...(await chosenIn(docs))]
      const those = (is: (chosen: Chosen) => boolean) =>
        new Set(chosen.flatMap(([groupId, each]) => (is(each) ? [groupId] : [])))
      return { pinned: those(({ pinned }) => pinned), hidden: those(({ hidden }) => hidden) }
    },
  }
}

/** Whether the group is hidden while this is its last message. */
export const hides = ({ hidden_up_to: upTo }: PreferenceDoc, seq: number): boolean =>
  upTo !== undefined && upTo >= seq

const chosenOf = ({ notify, pinned }: PreferenceDoc, hidden: boolean): Chosen => ({
  notify: notify ?? null,
  pinned: pinned ?? false,
  hidden,
})
