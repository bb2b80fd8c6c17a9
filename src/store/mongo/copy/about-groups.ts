import { ObjectId } from 'mongodb'
import { distinct } from '../../../domain/user-list.ts'
import type { Records } from '../../copy/records.ts'
import type { NounCopy } from '../../copy/side.ts'
import { toBan, toDetails } from '../bans.ts'
import type { Connection } from '../engine/connect.ts'
import { fromInvite, toInvite } from '../invites.ts'
import { recordId } from '../member-records.ts'
import type { InviteDoc, PreferenceDoc } from '../own-documents.ts'
import { forGood, hides } from '../preferences.ts'
import { headsOf } from './groups.ts'
import { insertAll, ofLivingGroups, pagesById } from './pages.ts'

/** Bans that were taken back stay behind: no writer of before can come late with one. */
export const createBanCopy = (connection: Connection): NounCopy<Records['bans']> => ({
  keptIn: ['bans'],
  dump: (after) =>
    pagesById(connection.bans, after, { 'ban.is_over': false }, async (docs) =>
      (await ofLivingGroups(connection, docs)).map(({ group_id, user_id, ban }) => ({
        groupId: group_id,
        ...toBan(user_id, ban),
      })),
    ),
  fill: (records) =>
    insertAll(
      connection.bans,
      records.map((record) => ({
        _id: recordId(record.groupId, record.userId),
        group_id: record.groupId,
        user_id: record.userId,
        ban: { rev: 0, is_over: false, ...toDetails(record) },
      })),
    ),
})

export function createInviteCopy(connection: Connection): NounCopy<Records['invites']> {
  const { invites, groups } = connection

  /** Nobody is about to come in any more, so a use that was taken counts where its user is in. */
  async function settled(doc: InviteDoc): Promise<InviteDoc> {
    const taken = distinct((doc.taken ?? []).map(({ user_id }) => user_id))
    if (!taken.length) return doc
    const _id = new ObjectId(doc.group_id)
    const group = await groups.findOne({ _id }, { projection: { authorized_user_ids: 1 } })
    const isIn = new Set(group?.authorized_user_ids)
    return { ...doc, uses: doc.uses - taken.filter((userId) => !isIn.has(userId)).length }
  }

  return {
    keptIn: ['invites'],
    dump: (after) =>
      pagesById(invites, after, {}, async (docs) =>
        (await Promise.all((await ofLivingGroups(connection, docs)).map(settled))).map(toInvite),
      ),
    fill: (records) => insertAll(invites, records.map(fromInvite)),
  }
}

export const createNameCopy = (connection: Connection): NounCopy<Records['names']> => ({
  keptIn: ['names'],
  dump: (after) =>
    pagesById(connection.names, after, {}, async (docs) => {
      const named = docs.flatMap(({ group_id }) => (group_id === undefined ? [] : [{ group_id }]))
      const living = new Set((await ofLivingGroups(connection, named)).map(({ group_id }) => group_id))
      // A name whose group was about to be made is free, and one that nobody ever had needs no record.
      return docs
        .map(({ _id, incarnation, group_id: groupId = '' }) => ({
          name: _id,
          incarnation,
          groupId: living.has(groupId) ? groupId : null,
        }))
        .filter(({ incarnation, groupId }) => incarnation > 0 || groupId !== null)
    }),
  fill: (records) =>
    insertAll(
      connection.names,
      records.map(({ name, incarnation, groupId }) => ({
        _id: name,
        incarnation,
        ...(groupId !== null && { group_id: groupId }),
      })),
    ),
})

export function createPreferenceCopy(connection: Connection): NounCopy<Records['preferences']> {
  const { preferences, groups } = connection
  const lastSeqs = async (ids: readonly string[]) => {
    const heads = await headsOf(connection, distinct(ids))
    return (groupId: string) => heads.get(groupId)?.seq ?? 0
  }

  /** Which of these groups are direct chats. */
  async function directAmong(ids: readonly string[]): Promise<Set<string>> {
    const _id = { $in: distinct(ids).map((id) => new ObjectId(id)) }
    const docs = await groups.find({ _id, kind: 'direct' }, { projection: { _id: 1 } }).toArray()
    return new Set(docs.map((doc) => doc._id.toHexString()))
  }

  return {
    keptIn: ['preferences'],

    dump: (after) =>
      pagesById(preferences, after, {}, async (docs) => {
        const living = await ofLivingGroups(connection, docs)
        const seqOf = await lastSeqs(living.map(({ group_id }) => group_id))
        return living.map((doc) => ({
          groupId: doc.group_id,
          userId: doc.user_id,
          notify: doc.notify ?? null,
          pinned: doc.pinned ?? false,
          hidden: hides(doc, seqOf(doc.group_id)),
        }))
      }),

    async fill(records) {
      const hidden = records.filter((record) => record.hidden).map(({ groupId }) => groupId)
      const [seqOf, direct] = await Promise.all([lastSeqs(hidden), directAmong(hidden)])
      const hiddenUpTo = (groupId: string) => (direct.has(groupId) ? seqOf(groupId) : forGood)
      await insertAll(
        preferences,
        records.map(
          ({ groupId, userId, notify, pinned, hidden }): PreferenceDoc => ({
            _id: `${groupId}:${userId}`,
            group_id: groupId,
            user_id: userId,
            ...(notify !== null && { notify }),
            ...(pinned && { pinned }),
            ...(hidden && { hidden_up_to: hiddenUpTo(groupId) }),
          }),
        ),
      )
    },
  }
}
