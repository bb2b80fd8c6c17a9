import { Type } from 'typebox'
import type { Profiles } from '../../chat/profiles.ts'
import { limits } from '../../domain/limits.ts'
import {
  OwnProfileView,
  ownProfileView,
  ProfileUpdate,
  ProfileView,
  profileExample,
  profileView,
} from '../../domain/profile.ts'
import { UserId } from '../../domain/text.ts'
import { json } from '../../http/body.ts'
import { jsonReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'

const FoundUsers = Type.Object(
  { users: Type.Array(ProfileView, { maxItems: limits.foundUsers }) },
  { title: 'FoundUsers', examples: [{ users: [profileExample] }] },
)

export function profileRoutes(profiles: Profiles, prefix: string): Route[] {
  return [
    userRoute(prefix, {
      method: 'GET',
      path: '/users/me',
      name: 'profiles.own',
      about: "One's own profile",
      answers: { 200: { about: 'The profile, with the address', schema: OwnProfileView } },
      errors: [],
      handle: async (_, caller) => jsonReply(200, ownProfileView(await profiles.own(caller))),
    }),

    userRoute(prefix, {
      method: 'PUT',
      path: '/users/me',
      name: 'profiles.change',
      about: "Change one's own display name; of an account here the address, too",
      body: json(ProfileUpdate),
      answers: { 200: { about: 'The profile after the change', schema: OwnProfileView } },
      limits: ['profiles'],
      errors: ['not_found', 'email_taken', 'storage_full'],
      handle: async ({ body }, caller) => jsonReply(200, ownProfileView(await profiles.change(caller, body))),
    }),

    userRoute(prefix, {
      method: 'GET',
      path: '/users/search',
      name: 'profiles.search',
      about: 'People whose username, display name, or a word of it, begins so, without case and accents',
      query: Type.Object({
        q: Type.String({ minLength: 1, maxLength: limits.userId }),
        limit: Type.Optional(
          Type.Integer({ minimum: 1, maximum: limits.foundUsers, default: limits.defaultFoundUsers }),
        ),
      }),
      answers: { 200: { about: 'They, in the order of what was found', schema: FoundUsers } },
      limits: ['user_searches'],
      errors: [],
      async handle({ query: { q, limit = limits.defaultFoundUsers } }, caller) {
        const found = await profiles.search(caller, q, limit)
        return jsonReply(200, { users: found.map(profileView) })
      },
    }),

    userRoute(prefix, {
      method: 'GET',
      path: '/users/by-name/:username',
      params: Type.Object({ username: Type.String() }),
      name: 'profiles.readByName',
      about: 'Who has this username, in whatever case',
      answers: { 200: { about: 'The profile', schema: ProfileView } },
      errors: ['not_found'],
      handle: async ({ params }, caller) =>
        jsonReply(200, profileView(await profiles.readByName(caller, params.username))),
    }),

    userRoute(prefix, {
      method: 'GET',
      path: '/users/:user_id',
      params: Type.Object({ user_id: UserId }),
      name: 'profiles.read',
      about: 'Who somebody is',
      answers: { 200: { about: 'The profile', schema: ProfileView } },
      errors: ['not_found'],
      handle: async ({ params }, caller) =>
        jsonReply(200, profileView(await profiles.read(caller, params.user_id))),
    }),
  ]
}
