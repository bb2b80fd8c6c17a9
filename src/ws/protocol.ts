import { type Static, type TSchema, Type } from 'typebox'
import type { EndReason } from '../domain/ending.ts'
import { ChatError } from '../domain/errors.ts'
import { MessageEdit, NewMessage } from '../domain/message.ts'
import { Id } from '../domain/text.ts'
import { validate } from '../domain/validate.ts'

/** 4000-4499 mean "come back", 4500-4999 "stay away". The rest is RFC 6455 section 7.4.1 and the IANA registry. */
export const closeCodes = {
  goingAway: 1001,
  policy: 1008,
  tooBig: 1009,
  internal: 1011,
  restart: 1012,
  tokenExpired: 4001,
  tooSlow: 4002,
  idle: 4003,
  accessRevoked: 4500,
  groupDeleted: 4501,
  badFrames: 4502,
} as const

export const endCode: Record<EndReason, number> = {
  access_revoked: closeCodes.accessRevoked,
  group_deleted: closeCodes.groupDeleted,
}

/** Unreadable frames within so many milliseconds that close a socket with 4502. */
export const maxBadFrames = 20
export const badFramesMs = 60_000
/** Frames being worked on before a socket is read no further. */
export const maxUnderWay = 256
/** Groups that one socket may listen to. */
export const maxSubscriptions = 1_000

export const subprotocol = 'chat.v1'

const frame = <T extends Record<string, TSchema>>(properties: T) =>
  Type.Object({
    ...properties,
    id: Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Integer()])),
  })

/** What a client may send, by `type`. The answer to a frame with an `id` carries it as `re`. */
export const frames = {
  ping: frame({}),
  typing: frame({
    group_id: Type.Optional(Id),
    content: Type.Optional(Type.Union([Type.Literal('start'), Type.Literal('stop')])),
  }),
  message: frame({ ...NewMessage.properties, group_id: Type.Optional(Id) }),
  edit: frame({ ...MessageEdit.properties, message_id: Id }),
  delete: frame({ message_id: Id }),
  subscribe: frame({ group_id: Id, after: Type.Optional(Type.String({ maxLength: 128 })) }),
  unsubscribe: frame({ group_id: Id }),
  auth: frame({ token: Type.String() }),
}

type Frames = typeof frames
export type Frame = { [Kind in keyof Frames]: { type: Kind } & Static<Frames[Kind]> }[keyof Frames]
export type FrameId = string | number

/** Throws malformed (not a JSON object with a `type` we know), invalid. */
export function readFrame(value: unknown): Frame {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
  if (typeof type !== 'string' || !Object.hasOwn(frames, type))
    throw new ChatError(
      'malformed',
      `Send a JSON object whose "type" is one of ${Object.keys(frames).join(', ')}.`,
    )
  validate(frames[type as keyof Frames], value)
  return value as Frame
}

/** The frame's `id`, if it is one, even if the rest is wrong. */
export function frameId(value: unknown): FrameId | undefined {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined
  return (typeof id === 'string' && id.length <= 64) || Number.isSafeInteger(id) ? (id as FrameId) : undefined
}
