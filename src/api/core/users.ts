import { Type } from 'typebox'
import type { Chat } from '../../chat/chat.ts'
import { ErasureView } from '../../domain/erasure.ts'
import { UserId } from '../../domain/text.ts'
import { emptyReply, jsonReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'

/** What an operator owes to users. */
export function userDutyRoutes({ erasures }: Pick<Chat, 'erasures'>, prefix: string): Route[] {
  const params = Type.Object({ user_id: UserId })
  return [
    userRoute(prefix, {
      method: 'DELETE',
      path: '/users/:user_id',
      name: 'users.erase',
      about: 'Erase a user: what they said and what is known of them, everywhere (operators)',
      params,
      answers: { 200: { about: 'How much was erased', schema: ErasureView } },
      errors: ['forbidden', 'storage_full'],
      async handle({ params: { user_id } }, caller) {
        const { messages, reactions, files, reads, memberships } = await erasures.erase(caller, user_id)
        return jsonReply(200, { messages, reactions, files, reads, memberships })
      },
    }),

    userRoute(prefix, {
      method: 'POST',
      path: '/users/:user_id/admit',
      name: 'users.admit',
      about: 'Accept tokens of a user again who was erased (operators)',
      params,
      answers: { 204: { about: 'The user is not refused any more' } },
      errors: ['forbidden', 'storage_full'],
      async handle({ params: { user_id } }, caller) {
        await erasures.admit(caller, user_id)
        return emptyReply
      },
    }),
  ]
}
