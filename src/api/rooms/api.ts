import type { Accounts } from '../../chat/accounts.ts'
import type { Chat } from '../../chat/chat.ts'
import type { Api } from '../api.ts'
import { createHeardRooms } from './heard.ts'
import { messageRoutes } from './messages.ts'
import { roomIn } from './name.ts'
import { userRoutes } from './users.ts'
import { createRoomWords } from './vocabulary.ts'

interface Deps {
  chat: Chat
  /** null: all users log in elsewhere. */
  accounts: Accounts | null
  /** What the paths of the core's API begin with, at which files are. */
  prefix: string
  now: () => number
}

/** Rooms that are known by their names: whoever opens a socket in one is in it, and nobody has to make it first. */
export function createRoomsApi({ chat, accounts, prefix, now }: Deps): Api {
  const heard = createHeardRooms()
  return {
    routes: [...userRoutes(chat, accounts), ...messageRoutes(chat, prefix)],
    places: [
      {
        path: '/chat/ws/:room',
        async scopeOf(by, parameter) {
          const name = roomIn(parameter)
          const groupId = await chat.rooms.open(by, name)
          return { groupId, end: heard.hold(groupId, name) }
        },
      },
    ],
    words: createRoomWords({ prefix, personOf: chat.people.of, heard, now }),
  }
}
