import { Type } from 'typebox'
import type { Audit } from '../../chat/audit.ts'
import { AuditEntryView, auditEntryView, auditExample } from '../../domain/audit.ts'
import { limits } from '../../domain/limits.ts'
import { Id, UserId } from '../../domain/text.ts'
import { jsonReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'
import { PageSize } from './page.ts'

const AuditPage = Type.Object(
  {
    entries: Type.Array(AuditEntryView),
    next: Type.Union([Type.String(), Type.Null()], { description: 'Send it as `before`; null at the end.' }),
  },
  { title: 'AuditPage', examples: [{ entries: [auditExample], next: null }] },
)

export const auditRoute = (audit: Audit, prefix: string): Route =>
  userRoute(prefix, {
    method: 'GET',
    path: '/audit',
    name: 'audit.list',
    about:
      'What people did by their power over others, newest first; of a user, also what was done to them (operators)',
    query: Type.Object({
      group_id: Type.Optional(Id),
      user_id: Type.Optional(UserId),
      before: Type.Optional(Type.String({ maxLength: 200, description: 'The `next` of the page before.' })),
      limit: Type.Optional(PageSize),
    }),
    answers: { 200: { about: 'A page of entries', schema: AuditPage } },
    errors: ['malformed', 'forbidden'],
    async handle({ query: { group_id: groupId, user_id: userId, before, limit } }, caller) {
      const { entries, next } = await audit.list(caller, {
        limit: limit ?? limits.defaultPageSize,
        ...(groupId !== undefined && { groupId }),
        ...(userId !== undefined && { userId }),
        ...(before !== undefined && { before }),
      })
      return jsonReply(200, { entries: entries.map(auditEntryView), next })
    },
  })
