import { Type } from 'typebox'
import type { Exported, Exports } from '../../chat/exports.ts'
import type { Caller } from '../../domain/caller.ts'
import { fileView } from '../../domain/file.ts'
import { ownProfileView } from '../../domain/profile.ts'
import { time, UserId } from '../../domain/text.ts'
import type { Reply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'

const lines = 'application/jsonl'

/** The lines of an export: each a JSON object with its `type`, and what it tells under that name. */
export function exportRoutes(exports: Exports, prefix: string): Route[] {
  async function reply(caller: Caller, userId: string): Promise<Reply> {
    const pages = await exports.of(caller, userId)
    const headers = { 'Content-Disposition': 'attachment; filename="export.jsonl"' }
    return { status: 200, type: lines, body: written(pages, prefix), headers }
  }
  const shared = {
    method: 'GET',
    answers: { 200: { about: 'A JSON object a line', types: [lines] } },
    limits: ['exports'],
  } as const
  return [
    userRoute(prefix, {
      ...shared,
      path: '/users/me/export',
      name: 'users.exportOwn',
      about: 'All that is known of the caller, as JSON lines',
      errors: [],
      handle: (_, caller) => reply(caller, caller.userId),
    }),

    userRoute(prefix, {
      ...shared,
      path: '/users/:user_id/export',
      name: 'users.export',
      about: 'All that is known of a user, as JSON lines (operators)',
      params: Type.Object({ user_id: UserId }),
      errors: ['forbidden'],
      handle: ({ params }, caller) => reply(caller, params.user_id),
    }),
  ]
}

async function* written(pages: AsyncIterable<readonly Exported[]>, prefix: string): AsyncIterable<string> {
  for await (const page of pages)
    if (page.length) yield page.map((one) => `${JSON.stringify(lineOf(one, prefix))}\n`).join('')
}

function lineOf(one: Exported, prefix: string): object {
  switch (one.type) {
    case 'profile':
      return { type: 'profile', profile: { id: one.userId, ...(one.profile && ownProfileView(one.profile)) } }
    case 'membership': {
      const { group, member, readSeq } = one
      const { role, joinedAt, mutedUntil } = member
      const muted_until = mutedUntil === null ? null : time(mutedUntil)
      const membership = {
        group_id: group.id,
        name: group.name,
        role,
        joined_at: time(joinedAt),
        muted_until,
      }
      return { type: 'membership', membership, read_mark: { group_id: group.id, seq: readSeq } }
    }
    case 'message': {
      const { message } = one
      return {
        type: 'message',
        message: {
          id: message.id,
          group_id: message.groupId,
          seq: message.seq,
          content: message.content,
          created_at: time(message.createdAt),
          edited_at: message.editedAt === null ? null : time(message.editedAt),
          is_deleted: message.isDeleted,
          reply_to: message.replyTo,
          mentions: message.mentions,
          mention_all: message.mentionAll,
          metadata: message.metadata,
        },
      }
    }
    case 'reaction':
      return {
        type: 'reaction',
        reaction: { message_id: one.reaction.messageId, emoji: one.reaction.emoji },
      }
    case 'file':
      return { type: 'file', file: fileView(one.file, prefix) }
  }
}
