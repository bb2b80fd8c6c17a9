import type { Filter } from 'mongodb'
import type { AuditEntry, Deed } from '../../domain/audit.ts'
import { ChatError } from '../../domain/errors.ts'
import type { AuditStore } from '../audit.ts'
import type { DeedDoc } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { isOnlyDuplicates } from './engine/failure.ts'
import { markId } from './log/pending.ts'
import type { AuditDoc } from './own-documents.ts'

export interface AuditOnMongo extends AuditStore {
  /** Records deeds under ids of their own: whoever finds one that may be recorded already records it again. */
  record(docs: readonly AuditDoc[]): Promise<void>
}

type Collections = Pick<Connection, 'audit' | 'causal'>

export function createAudit({ audit, causal }: Collections): AuditOnMongo {
  async function record(docs: readonly AuditDoc[]): Promise<void> {
    if (!docs.length) return
    try {
      await audit.insertMany([...docs], { ordered: false })
    } catch (error) {
      if (!isOnlyDuplicates(error)) throw error
    }
  }

  return {
    record,

    add: (deed) => record([{ _id: markId(), ...toDeedDoc(deed) }]),

    async list({ groupId, userId, limit, before }) {
      const parts: Filter<AuditDoc>[] = []
      if (groupId !== undefined) parts.push({ group_id: groupId })
      if (userId !== undefined) parts.push({ $or: [{ by: userId }, { user_id: userId }] })
      if (before !== undefined) parts.push(isBefore(before))
      const filter = parts.length ? { $and: parts } : {}
      const docs = await causal.read((options) =>
        audit
          .find(filter, options)
          .sort({ at: -1, _id: -1 })
          .limit(limit + 1)
          .toArray(),
      )
      const shown = docs.slice(0, limit)
      const last = docs.length > limit ? shown.at(-1) : undefined
      return { entries: shown.map(toEntry), next: last ? `${last.at.getTime()}-${last._id}` : null }
    },

    async trim(before, limit) {
      const old = await audit
        .find({ at: { $lt: new Date(before) } }, { projection: { _id: 1 } })
        .sort({ at: 1 })
        .limit(limit)
        .toArray()
      if (old.length) await audit.deleteMany({ _id: { $in: old.map(({ _id }) => _id) } })
      return old.length
    },
  }
}

export const toDeedDoc = ({ action, at, by, userId, groupId, messageId, detail }: Deed): DeedDoc => ({
  action,
  at: new Date(at),
  by,
  user_id: userId,
  group_id: groupId,
  message_id: messageId,
  detail,
})

export const toEntry = ({ _id, at, user_id, group_id, message_id, ...rest }: AuditDoc): AuditEntry => ({
  id: _id,
  at: at.getTime(),
  userId: user_id,
  groupId: group_id,
  messageId: message_id,
  ...rest,
})

function isBefore(before: string): Filter<AuditDoc> {
  const [, ms, id] = /^(\d{1,15})-([\w.]{1,100})$/.exec(before) ?? []
  if (ms === undefined || id === undefined)
    throw new ChatError('malformed', 'before: send the next of the page before.')
  const at = new Date(Number(ms))
  return { $or: [{ at: { $lt: at } }, { at, _id: { $lt: id } }] }
}
