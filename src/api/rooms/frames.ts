import { Type } from 'typebox'
import { ChatError } from '../../domain/errors.ts'
import { limits } from '../../domain/limits.ts'
import { ClientId } from '../../domain/message.ts'
import { isBlank } from '../../domain/text.ts'
import { invalid } from '../../domain/validate.ts'
import { type FrameKind, type FrameTarget, type ReadFrame, readFrame } from '../../ws/frames.ts'

const Content = Type.Refine(
  Type.Refine(
    Type.String({ maxLength: limits.messageContent }),
    (content) => !isBlank(content),
    () => 'must not be blank',
  ),
  (content) => content.isWellFormed(),
  () => 'must be well-formed Unicode',
)

const Said = Type.Object({ content: Content, client_id: Type.Optional(ClientId) })
const Nothing = Type.Object({})

/** What a client may send, by `type`. Fields beside these have no effect: the token and the path say who speaks, and where. */
export function createRoomFrames() {
  /** Sockets whose users have become members by what they wrote there. */
  const writers = new WeakSet<FrameTarget>()

  /** It comes back to its sender as to everybody else: nothing is acknowledged. */
  const message: FrameKind<typeof Said> = {
    schema: Said,
    async run(target, { content, client_id }) {
      const { by, chat } = target
      const roomId = target.groupOf(undefined)
      await chat.messages.send(by, roomId, { content, ...(client_id !== undefined && { client_id }) })
      if (writers.has(target)) return
      writers.add(target)
      await chat.members.joinAsWriter(by, roomId)
    },
  }

  const typing: FrameKind<typeof Nothing> = {
    schema: Nothing,
    run(target) {
      const subscriber = target.subscriberOf(target.groupOf(undefined))
      if (subscriber) target.chat.live.typing(target.by, subscriber, 'start')
    },
  }

  const ping: FrameKind<typeof Nothing> = {
    schema: Nothing,
    run(target) {
      target.rates.requests.take(target.by.userId)
      target.send({ type: 'pong' })
    },
  }

  return { message, typing, ping }
}

/** A frame without a type is a message. Throws malformed (no JSON object), invalid. */
export function readRoomFrame(frames: ReturnType<typeof createRoomFrames>, value: unknown): ReadFrame {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ChatError('malformed', 'Send a JSON object like {"content": "Good morning"}.')
  const { type = 'message' } = value as { readonly type?: unknown }
  if (typeof type !== 'string' || !Object.hasOwn(frames, type))
    throw invalid([
      { field: 'type', message: `must be one of ${Object.keys(frames).join(', ')}, or left out` },
    ])
  return readFrame(frames, { ...value, type })
}
