import type { Preferences } from '../../chat/preferences.ts'
import { PreferenceChanges, PreferencesView, preferencesView } from '../../domain/preference.ts'
import { json } from '../../http/body.ts'
import { jsonReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'

export function preferenceRoutes(preferences: Preferences, prefix: string): Route[] {
  return [
    userRoute(prefix, {
      method: 'PATCH',
      path: '/groups/:group_id/me',
      name: 'preferences.change',
      about: "Change one's own view of the group (members), of which nobody else is told",
      body: json(PreferenceChanges),
      answers: { 200: { about: 'The view after the change', schema: PreferencesView } },
      limits: ['groups'],
      errors: ['banned', 'forbidden', 'not_found', 'storage_full'],
      handle: async ({ params, body }, caller) =>
        jsonReply(200, preferencesView(await preferences.change(caller, params.group_id, body))),
    }),
  ]
}
