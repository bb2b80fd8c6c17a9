import type { GroupEvent } from '../../domain/events.ts'
import type { Message } from '../../domain/message.ts'
import { time } from '../../domain/text.ts'
import type { Words } from '../../ws/words.ts'
import { createRoomFrames, readRoomFrame } from './frames.ts'
import type { HeardRooms } from './heard.ts'
import { messageOf, type Showing } from './message.ts'
import { inRoomWords } from './wording.ts'

/** The events of a room, in the words of this API: type first, and no cursor, for its sockets are not resumed. */

interface Telling extends Showing {
  /** Milliseconds since 1970. */
  readonly at: number
}

type Frame = Readonly<Record<string, unknown>>
type Write<Type extends GroupEvent['type']> = (
  event: Extract<GroupEvent, { type: Type }>,
  telling: Telling,
) => Frame | readonly Frame[] | null

const clientIdOf = ({ clientId }: Message) => (clientId === null ? undefined : { client_id: clientId })

const deleted = (messageId: string, room: string): Frame => ({
  type: 'message_deleted',
  _id: messageId,
  room,
})

function notice(event: 'joined' | 'left', content: string, { room, at }: Telling, who: Frame): Frame {
  return {
    type: 'system',
    content: `${content} ${event} the room`,
    room,
    timestamp: time(at),
    event,
    ...who,
  }
}

function noticeOfOne(event: 'joined' | 'left', userId: string, telling: Telling): Frame {
  const { username } = telling.personOf(userId)
  return notice(event, username, telling, { user_id: userId, username })
}

/** So many of a crowd are named. */
const mostNamed = 2

/** What a crowd did, in one notice; none where nobody did. */
function noticeOfMany(
  event: 'joined' | 'left',
  userIds: readonly string[],
  count: number,
  telling: Telling,
): Frame[] {
  const [first] = userIds
  if (first === undefined) return []
  if (count === 1) return [noticeOfOne(event, first, telling)]
  const usernames = userIds.slice(0, mostNamed).map((userId) => telling.personOf(userId).username)
  const others = count - usernames.length
  const content = others
    ? `${usernames.join(', ')} and ${others} ${others === 1 ? 'other' : 'others'}`
    : usernames.join(' and ')
  return [notice(event, content, telling, { usernames, count })]
}

const untold = () => null

const events: { readonly [Type in GroupEvent['type']]: Write<Type> } = {
  new_message: ({ message }, telling) => ({
    type: 'message',
    ...messageOf(message, telling),
    ...clientIdOf(message),
  }),
  message_updated: ({ message }, telling) => ({
    type: 'message_updated',
    ...messageOf(message, telling),
    ...clientIdOf(message),
    updated_at: time(message.updatedAt),
  }),
  message_deleted: ({ messageId }, { room }) => deleted(messageId, room),
  messages_erased: ({ messageIds }, { room }) => messageIds.map((messageId) => deleted(messageId, room)),
  user_joined: ({ userId }, telling) => noticeOfOne('joined', userId, telling),
  user_left: ({ userId }, telling) => noticeOfOne('left', userId, telling),
  presence: ({ joined, joinedCount, left, leftCount }, telling) => [
    ...noticeOfMany('joined', joined, joinedCount, telling),
    ...noticeOfMany('left', left, leftCount, telling),
  ],
  // A typing is over in some seconds, or with the message.
  typing: ({ userId, state }, { room, personOf }) =>
    state === 'start' ? { type: 'typing', user_id: userId, username: personOf(userId).username, room } : null,
  reactions: untold,
  message_pinned: untold,
  message_unpinned: untold,
  member_added: untold,
  member_updated: untold,
  member_removed: untold,
  member_banned: untold,
  group_updated: untold,
  history_cleared: untold,
  read: untold,
  group_deleted: untold,
}

/** The types of all frames that a client may be told. */
export const frameTypes = [
  'message',
  'system',
  'typing',
  'message_updated',
  'message_deleted',
  'pong',
  'error',
] as const

/** An event as a client is told it. */
export const writeRoomEvent = (event: GroupEvent, telling: Telling): ReturnType<Write<never>> =>
  (events[event.type] as Write<GroupEvent['type']>)(event as never, telling)

interface Deps extends Omit<Showing, 'room'> {
  heard: Pick<HeardRooms, 'nameOf'>
  /** Milliseconds since 1970. */
  now(): number
}

/** Clients of these sockets wait for no greeting and no answers, and fetch what they missed. */
export function createRoomWords({ prefix, personOf, heard, now }: Deps): Words {
  const frames = createRoomFrames()
  return {
    read: (value) => readRoomFrame(frames, value),
    event(event) {
      const room = heard.nameOf(event.groupId)
      return room === undefined ? null : writeRoomEvent(event, { room, prefix, personOf, at: now() })
    },
    connected: untold,
    connectedToAll: untold,
    mention: untold,
    subscribed: untold,
    groupAdded: untold,
    preferences: untold,
    unbanned: untold,
    unsubscribed: untold,
    resync: untold,
    refused: ({ code, message }) => ({ type: 'error', code, detail: inRoomWords(message) }),
    closing: untold,
  }
}
