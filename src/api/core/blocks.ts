import { Type } from 'typebox'
import type { Chat } from '../../chat/chat.ts'
import { BlockView, blockExample, blockView } from '../../domain/block.ts'
import { UserId } from '../../domain/text.ts'
import { emptyReply, jsonReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'

const BlockList = Type.Object(
  { blocks: Type.Array(BlockView) },
  { title: 'BlockList', examples: [{ blocks: [blockExample] }] },
)

export function blockRoutes({ blocks, people }: Pick<Chat, 'blocks' | 'people'>, prefix: string): Route[] {
  const ofOne = {
    path: '/users/me/blocks/:user_id',
    params: Type.Object({ user_id: UserId }),
    limits: ['profiles'],
  } as const
  return [
    userRoute(prefix, {
      method: 'GET',
      path: '/users/me/blocks',
      name: 'blocks.list',
      about: 'Whom one has blocked, oldest first',
      answers: { 200: { about: 'They, and since when', schema: BlockList } },
      errors: [],
      handle: async (_, caller) =>
        jsonReply(200, { blocks: (await blocks.list(caller)).map((block) => blockView(block, people.of)) }),
    }),

    userRoute(prefix, {
      ...ofOne,
      method: 'PUT',
      name: 'blocks.put',
      about:
        'Block a user, who can then neither write to nor call the caller, nor add them to groups; again changes nothing',
      answers: { 200: { about: 'The block', schema: BlockView } },
      errors: ['invalid', 'limit_reached', 'storage_full'],
      handle: async ({ params: { user_id } }, caller) =>
        jsonReply(200, blockView(await blocks.put(caller, user_id), people.of)),
    }),

    userRoute(prefix, {
      ...ofOne,
      method: 'DELETE',
      name: 'blocks.remove',
      about: 'Take a block back; where there is none, nothing happens',
      answers: { 204: { about: 'The user is not blocked' } },
      errors: ['storage_full'],
      async handle({ params: { user_id } }, caller) {
        await blocks.remove(caller, user_id)
        return emptyReply
      },
    }),
  ]
}
