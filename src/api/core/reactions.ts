import { type Static, Type } from 'typebox'
import type { Reacted, Reactions } from '../../chat/reactions.ts'
import { Emoji } from '../../domain/emoji.ts'
import { ReactionView, reactionViews } from '../../domain/reaction.ts'
import { jsonReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'

/** The caller's own reactions. They are added to a view only where it is answered to the caller alone. */
export const MyReactions = Type.Array(Type.String(), { description: "The caller's own, first come first." })

const ReactedView = Type.Object(
  { reactions: Type.Array(ReactionView), my_reactions: MyReactions },
  {
    title: 'Reactions',
    examples: [{ reactions: [{ emoji: '👍', count: 2, user_ids: ['bob', 'alice'] }], my_reactions: ['👍'] }],
  },
)

export const reactedView = ({ reactions, own }: Reacted): Static<typeof ReactedView> => ({
  reactions: reactionViews(reactions),
  my_reactions: [...own],
})

export function reactionRoutes(reactions: Reactions, prefix: string): Route[] {
  const path = '/messages/:message_id/reactions/:emoji'
  const shared = {
    path,
    params: Type.Object({ emoji: Emoji }),
    answers: { 200: { about: 'All reactions to the message after that', schema: ReactedView } },
    limits: ['reactions'],
  } as const
  return [
    userRoute(prefix, {
      ...shared,
      method: 'PUT',
      name: 'reactions.add',
      about: 'React to a message with one emoji, percent-encoded (who may write); again changes nothing',
      errors: ['banned', 'blocked', 'muted', 'forbidden', 'not_found', 'limit_reached', 'storage_full'],
      handle: async ({ params: { message_id, emoji } }, caller) =>
        jsonReply(200, reactedView(await reactions.add(caller, message_id, emoji))),
    }),

    userRoute(prefix, {
      ...shared,
      method: 'DELETE',
      name: 'reactions.remove',
      about: "Take one's own reaction back (who may write); again changes nothing",
      errors: ['banned', 'blocked', 'muted', 'forbidden', 'not_found', 'storage_full'],
      handle: async ({ params: { message_id, emoji } }, caller) =>
        jsonReply(200, reactedView(await reactions.remove(caller, message_id, emoji))),
    }),
  ]
}
