import { type Static, Type } from 'typebox'
import { filePath } from '../../domain/file.ts'
import type { Message } from '../../domain/message.ts'
import type { PersonOf } from '../../domain/person.ts'
import { Id, Time, time } from '../../domain/text.ts'

/** What showing a message takes. `prefix`: what the paths of the core's API begin with, at which files are. */
export interface Showing {
  readonly room: string
  readonly prefix: string
  readonly personOf: PersonOf
}

/** These clients know no files: in a message with some, a line for each tells its name and where it is. */
const contentOf = ({ content, attachments }: Message, prefix: string): string =>
  [
    ...(content === '' && attachments.length ? [] : [content]),
    ...attachments.map(({ name, id }) => `${name} ${prefix}${filePath(id)}`),
  ].join('\n')

/** What a message is on the socket and in the history alike. */
export const messageOf = (message: Message, { room, prefix, personOf }: Showing) => ({
  _id: message.id,
  user_id: message.senderId,
  username: personOf(message.senderId).username,
  content: contentOf(message, prefix),
  room,
  created_at: time(message.createdAt),
})

export const RoomMessage = Type.Object(
  {
    _id: Id,
    user_id: Type.String(),
    username: Type.String(),
    content: Type.String(),
    room: Type.String(),
    created_at: Time,
    updated_at: Time,
    deleted: Type.Literal(false),
    deleted_at: Type.Null(),
  },
  {
    title: 'RoomMessage',
    examples: [
      {
        _id: '65c1e1b0b7d2f3a9c8e10b57',
        user_id: '65c1e0a4b7d2f3a9c8e10b42',
        username: 'mia',
        content: 'Good morning',
        room: 'general',
        created_at: '2026-02-03T09:31:00.000Z',
        updated_at: '2026-02-03T09:31:00.000Z',
        deleted: false,
        deleted_at: null,
      },
    ],
  },
)

/** A message of the history, which leaves deleted ones out. */
export const roomMessage = (message: Message, showing: Showing): Static<typeof RoomMessage> => ({
  ...messageOf(message, showing),
  updated_at: time(message.updatedAt),
  deleted: false,
  deleted_at: null,
})
