import { Type } from 'typebox'
import type { Chat } from '../../chat/chat.ts'
import { avatarPath } from '../../domain/avatar.ts'
import { limits } from '../../domain/limits.ts'
import { OwnProfileView, ownProfileView } from '../../domain/profile.ts'
import { bytes } from '../../http/body.ts'
import { emptyReply, jsonReply } from '../../http/reply.ts'
import { publicRoute, type Route, userRoute } from '../../http/route.ts'
import { AnsweredGroup, createAnsweredGroup } from './group-answer.ts'

/** A picture is the same for ever, and shows in any page. Whatever else its bytes might be taken for, nothing of it runs. */
const pictureHeaders = {
  'Cache-Control': 'public, max-age=31536000, immutable',
  'Content-Security-Policy': "default-src 'none'; sandbox",
  'Cross-Origin-Resource-Policy': 'cross-origin',
}

export function avatarRoutes(
  { avatars, ...chat }: Pick<Chat, 'avatars' | 'reads' | 'reactions' | 'people'>,
  prefix: string,
): Route[] {
  const answeredGroup = createAnsweredGroup(chat, prefix)
  const picture = { body: bytes(), maxBody: limits.avatarBytes } as const
  const own = { path: '/users/me/avatar', limits: ['profiles'] } as const
  const ofGroup = { path: '/groups/:group_id/avatar', limits: ['groups'] } as const
  return [
    userRoute(prefix, {
      ...own,
      ...picture,
      method: 'PUT',
      name: 'avatars.put',
      about: "One's own picture: PNG, JPEG or WebP, at most 1 MiB",
      answers: { 200: { about: 'The profile with it', schema: OwnProfileView } },
      errors: ['not_found', 'invalid', 'storage_full'],
      handle: async ({ body }, caller) => jsonReply(200, ownProfileView(await avatars.put(caller, body))),
    }),

    userRoute(prefix, {
      ...own,
      method: 'DELETE',
      name: 'avatars.remove',
      about: "Take one's own picture away",
      answers: { 204: { about: 'There is none any more' } },
      errors: ['not_found', 'storage_full'],
      async handle(_, caller) {
        await avatars.remove(caller)
        return emptyReply
      },
    }),

    userRoute(prefix, {
      ...ofGroup,
      ...picture,
      method: 'PUT',
      name: 'avatars.putOfGroup',
      about: 'The picture of the group (admins)',
      answers: { 200: { about: 'The group with it', schema: AnsweredGroup } },
      errors: ['banned', 'forbidden', 'not_found', 'invalid', 'storage_full'],
      handle: async ({ params, body }, caller) =>
        jsonReply(200, await answeredGroup(caller, await avatars.putOfGroup(caller, params.group_id, body))),
    }),

    userRoute(prefix, {
      ...ofGroup,
      method: 'DELETE',
      name: 'avatars.removeOfGroup',
      about: 'Take the picture of the group away (admins)',
      answers: { 204: { about: 'There is none any more' } },
      errors: ['banned', 'forbidden', 'not_found', 'storage_full'],
      async handle({ params }, caller) {
        await avatars.removeOfGroup(caller, params.group_id)
        return emptyReply
      },
    }),

    publicRoute({
      method: 'GET',
      path: `${avatarPath}/:sha256`,
      params: Type.Object({ sha256: Type.String() }),
      anyText: true,
      name: 'avatars.read',
      about: 'A picture of a user or a group, by its hash: for everybody, and always the same',
      answers: {
        200: { about: 'The picture', types: ['image/png', 'image/jpeg', 'image/webp'] },
        304: { about: 'The client has it already' },
      },
      errors: ['not_found'],
      async handle({ params: { sha256 }, request }) {
        const { type, bytes } = await avatars.read(sha256)
        const headers = { ...pictureHeaders, ETag: `"${sha256}"` }
        if (request.headers['if-none-match']?.includes(headers.ETag)) return { status: 304, headers }
        return { status: 200, type, body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), headers }
      },
    }),
  ]
}
