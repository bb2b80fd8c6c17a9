import { Type } from 'typebox'
import type { Chat } from '../../chat/chat.ts'
import type { Caller } from '../../domain/caller.ts'
import { ChatError } from '../../domain/errors.ts'
import { limits } from '../../domain/limits.ts'
import type { Message } from '../../domain/message.ts'
import { Id } from '../../domain/text.ts'
import { jsonReply } from '../../http/reply.ts'
import { type Route, userRoute } from '../../http/route.ts'
import { RoomMessage, roomMessage } from './message.ts'
import { RoomName, roomName } from './name.ts'
import { worded } from './wording.ts'

const History = Type.Object({
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: limits.pageSize,
      description: `${limits.defaultPageSize} unless given.`,
    }),
  ),
  before: Type.Optional({ ...Id, description: 'The `_id` of a message: the page before it.' }),
})

const Deleted = Type.Object(
  { message: Type.String() },
  { title: 'RoomMessageDeleted', examples: [{ message: 'The message was deleted.' }] },
)

/** The method says what stands at the end of the path, and an id is never read as a room. */
const path = '/chat/messages/:room_or_id'

/** `prefix`: what the paths of the core's API begin with, at which files are. */
export function messageRoutes(
  { rooms, messages, people }: Pick<Chat, 'rooms' | 'messages' | 'people'>,
  prefix: string,
): Route[] {
  /** The newest messages first. */
  async function read(
    by: Caller,
    roomId: string,
    limit: number,
    before?: string,
  ): Promise<readonly Message[]> {
    if (before === undefined) return (await messages.list(by, roomId, { offset: 0, limit })).messages
    const seq = await messages.seqOf(by, roomId, before)
    return (await messages.list(by, roomId, { before: seq, limit })).messages
  }

  return [
    userRoute('', {
      method: 'GET',
      path,
      name: 'rooms.messages',
      about: 'The newest messages of a room, or those before one, oldest first',
      params: Type.Object({ room_or_id: RoomName }),
      query: History,
      answers: {
        200: {
          about: 'The messages; none of a room that nobody has entered',
          schema: Type.Array(RoomMessage, { title: 'RoomMessages' }),
        },
      },
      errors: ['banned', 'forbidden', 'not_found'],
      async handle({ params, query: { limit = limits.defaultPageSize, before } }, caller) {
        const room = roomName(params.room_or_id)
        const found = await worded(read(caller, await rooms.idOf(room), limit, before)).catch(noneOfNoRoom)
        const showing = { room, prefix, personOf: people.of }
        return jsonReply(
          200,
          found.toReversed().map((message) => roomMessage(message, showing)),
        )

        function noneOfNoRoom(error: unknown): readonly Message[] {
          if (before === undefined && error instanceof ChatError && error.code === 'not_found') return []
          throw error
        }
      },
    }),

    userRoute('', {
      method: 'DELETE',
      path,
      name: 'rooms.deleteMessage',
      about: "Delete one's own message; a second time changes nothing",
      answers: { 200: { about: 'It is deleted', schema: Deleted } },
      limits: ['messages', 'edits'],
      errors: ['banned', 'forbidden', 'not_found', 'storage_full'],
      async handle({ params }, caller) {
        await worded(messages.removeOwn(caller, params.room_or_id))
        return jsonReply(200, { message: 'The message was deleted.' })
      },
    }),
  ]
}
