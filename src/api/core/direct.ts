import { Type } from 'typebox'
import type { Direct } from '../../chat/direct.ts'
import { GroupView } from '../../domain/group.ts'
import { UserId } from '../../domain/text.ts'
import { json } from '../../http/body.ts'
import { type Route, userRoute } from '../../http/route.ts'
import { openedReply } from './groups.ts'

const DirectChat = Type.Object({ user_id: UserId }, { title: 'DirectChat', examples: [{ user_id: 'bob' }] })

export function directRoutes(direct: Direct, prefix: string): Route[] {
  return [
    userRoute(prefix, {
      method: 'POST',
      path: '/direct',
      name: 'direct.open',
      about: 'The one chat of the caller and another user, which is made if there is none',
      body: json(DirectChat),
      answers: {
        200: { about: 'The chat that there is', schema: GroupView },
        201: { about: 'The chat, which was just made', schema: GroupView },
      },
      limits: ['direct'],
      errors: ['banned', 'forbidden', 'storage_full'],
      handle: async ({ body }, caller) => openedReply(await direct.open(caller, body.user_id), prefix),
    }),
  ]
}
