import { Type } from 'typebox'
import type { Revisions } from '../../chat/revisions.ts'
import { limits } from '../../domain/limits.ts'
import { Time, time } from '../../domain/text.ts'
import { jsonReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'

const RevisionList = Type.Object(
  {
    revisions: Type.Array(Type.Object({ content: Type.String(), at: Time }), {
      maxItems: limits.revisions,
      description: 'Earlier contents and when they were written, oldest first.',
    }),
  },
  {
    title: 'RevisionList',
    examples: [{ revisions: [{ content: 'Lunch at noon?', at: '2026-01-01T11:00:00.000Z' }] }],
  },
)

export const revisionRoute = (revisions: Revisions, prefix: string): Route =>
  userRoute(prefix, {
    method: 'GET',
    path: '/messages/:message_id/revisions',
    name: 'revisions.list',
    about: 'What a message said before it was edited (its sender, owners and admins)',
    answers: { 200: { about: 'The last of them', schema: RevisionList } },
    errors: ['forbidden', 'not_found'],
    async handle({ params }, caller) {
      const found = await revisions.list(caller, params.message_id)
      return jsonReply(200, { revisions: found.map(({ content, at }) => ({ content, at: time(at) })) })
    },
  })
