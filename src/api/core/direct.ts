import { Type } from 'typebox'
import type { Chat } from '../../chat/chat.ts'
import { UserId } from '../../domain/text.ts'
import { json } from '../../http/body.ts'
import { type Route, userRoute } from '../../http/route.ts'
import { AnsweredGroup, createOpenedReply } from './group-answer.ts'

const DirectChat = Type.Object({ user_id: UserId }, { title: 'DirectChat', examples: [{ user_id: 'bob' }] })

export function directRoutes(
  { direct, ...chat }: Pick<Chat, 'direct' | 'reads' | 'reactions' | 'people'>,
  prefix: string,
): Route[] {
  const openedReply = createOpenedReply(chat, prefix)
  return [
    userRoute(prefix, {
      method: 'POST',
      path: '/direct',
      name: 'direct.open',
      about: 'The one chat of the caller and another user, which is made if there is none',
      body: json(DirectChat),
      answers: {
        200: { about: 'The chat that there is', schema: AnsweredGroup },
        201: { about: 'The chat, which was just made', schema: AnsweredGroup },
      },
      limits: ['direct'],
      errors: ['banned', 'blocked', 'forbidden', 'storage_full'],
      handle: async ({ body }, caller) => openedReply(caller, await direct.open(caller, body.user_id)),
    }),
  ]
}
