import { type Static, Type } from 'typebox'
import type { Caller } from './caller.ts'
import type { Role } from './member.ts'
import type { Message } from './message.ts'
import type { Report } from './report.ts'
import { Time, time } from './text.ts'

export const AuditAction = Type.Enum([
  'user_banned',
  'user_unbanned',
  'member_promoted',
  'member_demoted',
  'message_deleted',
  'message_restored',
  'report_resolved',
  'report_dismissed',
  'user_erased',
  'user_admitted',
  'user_exported',
])
export type AuditAction = Static<typeof AuditAction>

/** What somebody did by a power over others. It names people by their ids alone, and holds nothing that anybody wrote. */
export interface Deed {
  readonly action: AuditAction
  /** Milliseconds since 1970. */
  readonly at: number
  /** Who did it. */
  readonly by: string
  /** Whom it was done to; null where it concerns nobody. */
  readonly userId: string | null
  readonly groupId: string | null
  readonly messageId: string | null
  readonly detail: Readonly<Record<string, unknown>>
}

export interface AuditEntry extends Deed {
  readonly id: string
}

const about = { userId: null, groupId: null, messageId: null, detail: {} }

const deed = (
  action: AuditAction,
  { userId: by }: Pick<Caller, 'userId'>,
  at: number,
  what: Partial<Deed>,
): Deed => ({ ...about, ...what, action, by, at })

type AboutMessage = Pick<Message, 'id' | 'groupId' | 'senderId'>

const ofMessage = ({ id, groupId, senderId }: AboutMessage) => ({
  userId: senderId,
  groupId,
  messageId: id,
})

/** null for one's own message. */
export const deletion = (message: AboutMessage, by: Caller, at: number): Deed | null =>
  message.senderId === by.userId ? null : deed('message_deleted', by, at, ofMessage(message))

export const restoration = (message: AboutMessage, by: Caller, at: number): Deed =>
  deed('message_restored', by, at, ofMessage(message))

const ranks: readonly Role[] = ['member', 'admin', 'owner']

export const roleChange = (
  groupId: string,
  userId: string,
  [from, to]: readonly [from: Role, to: Role],
  by: Caller,
  at: number,
): Deed => {
  const isHigher = ranks.indexOf(to) > ranks.indexOf(from)
  return deed(isHigher ? 'member_promoted' : 'member_demoted', by, at, {
    groupId,
    userId,
    detail: { from, to },
  })
}

export const banning = (
  groupId: string,
  { userId, until }: { userId: string; until: number | null },
  by: Caller,
  at: number,
): Deed =>
  deed('user_banned', by, at, {
    groupId,
    userId,
    detail: { until: until === null ? null : time(until) },
  })

export const unbanning = (groupId: string, userId: string, by: Caller, at: number): Deed =>
  deed('user_unbanned', by, at, { groupId, userId })

export const decision = (
  { id, groupId, messageId, senderId: userId }: Report,
  status: 'resolved' | 'dismissed',
  by: Caller,
  at: number,
): Deed => deed(`report_${status}`, by, at, { groupId, messageId, userId, detail: { report_id: id } })

export const erasing = (userId: string, by: Pick<Caller, 'userId'>, at: number): Deed =>
  deed('user_erased', by, at, { userId })

export const exporting = (userId: string, by: Caller, at: number): Deed =>
  deed('user_exported', by, at, { userId })

export const admission = (userId: string, by: Caller, at: number): Deed =>
  deed('user_admitted', by, at, { userId })

const OrNull = Type.Union([Type.String(), Type.Null()])

export const auditExample = {
  id: '4711',
  at: '2026-01-01T00:00:00.000Z',
  action: 'member_promoted',
  by: 'alice',
  user_id: 'bob',
  group_id: '65920080c0ffee0000000001',
  message_id: null,
  detail: { from: 'member', to: 'admin' },
}

export const AuditEntryView = Type.Object(
  {
    id: Type.String(),
    at: Time,
    action: AuditAction,
    by: Type.String(),
    user_id: OrNull,
    group_id: OrNull,
    message_id: OrNull,
    detail: Type.Record(Type.String(), Type.Unknown()),
  },
  { title: 'AuditEntry', examples: [auditExample] },
)
export type AuditEntryView = Static<typeof AuditEntryView>

export const auditEntryView = (entry: AuditEntry): AuditEntryView => ({
  id: entry.id,
  at: time(entry.at),
  action: entry.action,
  by: entry.by,
  user_id: entry.userId,
  group_id: entry.groupId,
  message_id: entry.messageId,
  detail: { ...entry.detail },
})
