import { Binary } from 'mongodb'
import type { AvatarType } from '../../../domain/avatar.ts'
import { attemptRecord } from '../../copy/attempts.ts'
import type { Records } from '../../copy/records.ts'
import type { NounCopy, Page } from '../../copy/side.ts'
import { fromAccount, toAccount } from '../accounts.ts'
import { toDeedDoc, toEntry } from '../audit.ts'
import { idOf as avatarId, fieldsOf } from '../avatars.ts'
import { idOf as blockId } from '../blocks.ts'
import { deviceOf, docOf as fromDevice } from '../devices.ts'
import type { Connection } from '../engine/connect.ts'
import { stamped } from '../erasures.ts'
import { docOf, toProfile } from '../profiles.ts'
import { fromSession, toSession } from '../sessions.ts'
import { insertAll, listsOf, ofLivingGroups, pagesById } from './pages.ts'

export const createDeviceCopy = ({ devices }: Connection): NounCopy<Records['devices']> => ({
  keptIn: ['devices'],
  dump: (after) => pagesById(devices, after, {}, (docs) => docs.map(deviceOf)),
  fill: (records) => insertAll(devices, records.map(fromDevice)),
})

export const createProfileCopy = ({ profiles }: Connection): NounCopy<Records['profiles']> => ({
  keptIn: ['profiles'],
  dump: (after) => pagesById(profiles, after, {}, (docs) => docs.map(toProfile)),
  fill: (records) => insertAll(profiles, records.map(docOf)),
})

export const createAccountCopy = ({ accounts }: Connection): NounCopy<Records['accounts']> => ({
  keptIn: ['accounts'],
  dump: (after) => pagesById(accounts, after, {}, (docs) => docs.map(toAccount)),
  fill: (records) => insertAll(accounts, records.map(fromAccount)),
})

export const createSessionCopy = ({ sessions }: Connection): NounCopy<Records['sessions']> => ({
  keptIn: ['sessions'],
  dump: (after) =>
    pagesById(sessions, after, {}, (docs) =>
      docs.map((doc) => ({
        ...toSession(doc),
        endedAt: doc.ended_at?.getTime() ?? null,
        why: doc.why ?? null,
        knownUntil: doc.known_until.getTime(),
      })),
    ),
  fill: (records) =>
    insertAll(
      sessions,
      records.map(({ endedAt, why, knownUntil, ...session }) => ({
        ...fromSession(session),
        ...(endedAt !== null && { ended_at: new Date(endedAt) }),
        ...(why !== null && { why }),
        known_until: new Date(knownUntil),
      })),
    ),
})

export const createAttemptCopy = ({ attempts }: Connection): NounCopy<Records['attempts']> => ({
  keptIn: ['attempts'],
  dump: (after) =>
    pagesById(attempts, after, { times: { $exists: true } }, (docs) =>
      docs.flatMap(({ _id, times = [], until }) =>
        attemptRecord(
          _id,
          times.toSorted((a, b) => a - b),
          until.getTime(),
        ),
      ),
    ),
  fill: (records) =>
    insertAll(
      attempts,
      records.map(({ key, times, until }) => ({ _id: key, times: [...times], until: new Date(until) })),
    ),
})

export const createRememberedCopy = ({ attempts }: Connection): NounCopy<Records['remembered']> => ({
  keptIn: ['attempts'],
  dump: (after) =>
    pagesById(attempts, after, { times: { $exists: false } }, (docs) =>
      docs.map(({ _id, until }) => ({ key: _id, until: until.getTime() })),
    ),
  fill: (records) =>
    insertAll(
      attempts,
      records.map(({ key, until }) => ({ _id: key, until: new Date(until) })),
    ),
})

export const createErasureCopy = ({ erasures }: Connection): NounCopy<Records['erasures']> => ({
  keptIn: ['erasures'],
  dump: (after) =>
    pagesById(erasures, after, {}, (docs) =>
      docs.map(({ _id, alias, counts, is_refused, user_id, by }) => {
        const { messages, reactions, files, reads, memberships } = counts
        return {
          key: _id,
          alias,
          counts: { messages, reactions, files, reads, memberships },
          isRefused: is_refused,
          userId: user_id ?? null,
          by: by ?? null,
        }
      }),
    ),
  async fill(records) {
    if (!records.length) return
    await erasures.bulkWrite(
      records.map(({ key, alias, counts, isRefused, userId, by }) => {
        const whose = userId !== null && by !== null ? { user_id: userId, by } : {}
        const $setOnInsert = { alias, counts, is_refused: isRefused, ...whose }
        return { updateOne: { filter: { _id: key }, update: { $setOnInsert, ...stamped }, upsert: true } }
      }),
      { ordered: false },
    )
  },
})

export const createBlockCopy = ({ blocks }: Connection): NounCopy<Records['blocks']> => ({
  keptIn: ['blocks'],
  dump: (after) =>
    pagesById(blocks, after, {}, (docs) =>
      docs.map(({ user_id, blocked_id, created_at }) => ({
        userId: user_id,
        blockedId: blocked_id,
        createdAt: created_at.getTime(),
      })),
    ),
  fill: (records) =>
    insertAll(
      blocks,
      records.map(({ userId, blockedId, createdAt }) => ({
        _id: blockId(userId, blockedId),
        user_id: userId,
        blocked_id: blockedId,
        created_at: new Date(createdAt),
      })),
    ),
})

/** Pictures may be large. */
const avatarsPerPage = 20

export const createAvatarCopy = (connection: Connection): NounCopy<Records['avatars']> => ({
  keptIn: ['avatars'],
  dump: (after) =>
    pagesById(
      connection.avatars,
      after,
      {},
      async (docs) => {
        const owned = docs.map((doc) => ({ ...doc, group_id: doc.group_id ?? '' }))
        const living = new Set(await ofLivingGroups(connection, owned))
        return owned
          .filter((doc) => doc.group_id === '' || living.has(doc))
          .map(({ group_id, user_id, sha256, type, bytes }) => ({
            groupId: group_id,
            userId: user_id ?? '',
            sha256,
            type: type as AvatarType,
            bytes: Buffer.from(bytes.value()).toString('base64'),
          }))
      },
      avatarsPerPage,
    ),
  fill: (records) =>
    insertAll(
      connection.avatars,
      records.map(({ groupId, userId, sha256, type, bytes }) => {
        const owner = groupId === '' ? { userId } : { groupId }
        return {
          _id: avatarId(owner, sha256),
          sha256,
          ...fieldsOf(owner),
          type,
          bytes: new Binary(Buffer.from(bytes, 'base64')),
        }
      }),
    ),
})

export function createAuditCopy({ audit }: Connection): NounCopy<Records['audit']> {
  async function* dump(after: string | null): AsyncIterable<Page<Records['audit']>> {
    const [ms = '', key = ''] = after?.split('-') ?? []
    const at = new Date(Number(ms))
    const beyond = after === null ? {} : { $or: [{ at: { $gt: at } }, { at, _id: { $gt: key } }] }
    for await (const docs of listsOf(audit, beyond, { at: 1, _id: 1 })) {
      const last = docs.at(-1)
      yield {
        records: docs.map((doc) => {
          const { id: key, ...done } = toEntry(doc)
          return { ...done, key }
        }),
        last: `${last?.at.getTime()}-${last?._id}`,
      }
    }
  }
  return {
    keptIn: ['audit'],
    dump,
    fill: (records) =>
      insertAll(
        audit,
        records.map(({ key, ...done }) => ({ _id: key, ...toDeedDoc(done) })),
      ),
  }
}
