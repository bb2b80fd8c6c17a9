import { type Static, type TObject, type TSchema, Type } from 'typebox'
import type { Chat } from '../chat/chat.ts'
import type { Caller } from '../domain/caller.ts'
import { ChatError } from '../domain/errors.ts'
import { type Message, MessageEdit, messageView, NewMessage } from '../domain/message.ts'
import type { Rates } from '../domain/rates.ts'
import { Id } from '../domain/text.ts'
import { validate } from '../domain/validate.ts'

export type FrameId = string | number

/** The frame that is answered. */
export type Re = { readonly re?: FrameId }

/** What a frame may do with the session that it came by. */
export interface FrameTarget {
  readonly by: Caller
  readonly chat: Chat
  readonly rates: Pick<Rates, 'requests' | 'subscriptions'>
  send(answer: object): void
  /** The group that a frame is for, which may name one. Throws invalid (it names none), forbidden. */
  groupOf(named: string | undefined): string
  listensTo(groupId: string): boolean
  /** Throws forbidden, rate_limited, not_found, malformed, unavailable. */
  subscribe(groupId: string, after?: string): Promise<void>
  /** Throws forbidden. */
  unsubscribe(groupId: string): Promise<void>
  /** Resolves to when the session ends with the new token, in milliseconds since 1970. Throws unauthenticated, forbidden. */
  renew(token: string): Promise<number>
}

/** One kind of frame: its shape, and what it does. It sends its answer itself. */
interface FrameKind<Shape extends TObject = TObject> {
  readonly schema: Shape
  run(target: FrameTarget, frame: Static<Shape>, re: Re): void | Promise<void>
}

const frame = <Fields extends Record<string, TSchema>>(
  fields: Fields,
  run: FrameKind<TObject<Fields>>['run'],
): FrameKind<TObject<Fields>> => ({
  schema: Type.Object({
    ...fields,
    id: Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Integer()])),
  }) as unknown as TObject<Fields>,
  run,
})

const ackMessage = (target: FrameTarget, re: Re, message: Message): void =>
  target.send({ type: 'ack', ...re, message: messageView(message) })

/** What a client may send, by `type`. The answer to a frame with an `id` carries it as `re`. */
export const frames = {
  ping: frame({}, (target, _, re) => {
    target.rates.requests.take(target.by.userId)
    target.send({ type: 'pong', ...re })
  }),

  typing: frame(
    {
      group_id: Type.Optional(Id),
      content: Type.Optional(Type.Union([Type.Literal('start'), Type.Literal('stop')])),
    },
    (target, { group_id, content }) => {
      const groupId = target.groupOf(group_id)
      if (!target.listensTo(groupId)) throw new ChatError('forbidden', 'Subscribe to the group first.')
      target.chat.live.typing(target.by, groupId, content)
    },
  ),

  message: frame({ ...NewMessage.properties, group_id: Type.Optional(Id) }, async (target, said, re) => {
    const { message } = await target.chat.messages.send(target.by, target.groupOf(said.group_id), said)
    ackMessage(target, re, message)
  }),

  edit: frame({ ...MessageEdit.properties, message_id: Id }, async (target, edit, re) => {
    ackMessage(target, re, await target.chat.messages.edit(target.by, edit.message_id, edit))
  }),

  delete: frame({ message_id: Id }, async (target, { message_id }, re) => {
    ackMessage(target, re, await target.chat.messages.remove(target.by, message_id))
  }),

  subscribe: frame(
    { group_id: Id, after: Type.Optional(Type.String({ maxLength: 128 })) },
    async (target, { group_id, after }, re) => {
      target.rates.subscriptions.take(target.by.userId)
      await target.subscribe(group_id, after)
      target.send({ type: 'ack', ...re, group_id })
    },
  ),

  unsubscribe: frame({ group_id: Id }, async (target, { group_id }, re) => {
    target.rates.subscriptions.take(target.by.userId)
    await target.unsubscribe(group_id)
    target.send({ type: 'ack', ...re, group_id })
  }),

  auth: frame({ token: Type.String() }, async (target, { token }, re) => {
    const expiresAt = await target.renew(token)
    target.send({ type: 'ack', ...re, expires_at: new Date(expiresAt).toISOString() })
  }),
}

type Frames = typeof frames
export type FrameType = keyof Frames

/** A frame that was read: its kind, and how to do what it asks for. */
export interface ReadFrame {
  readonly type: FrameType
  run(target: FrameTarget, re: Re): Promise<void>
}

/** Throws malformed (not a JSON object with a `type` we know), invalid. */
export function readFrame(value: unknown): ReadFrame {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
  if (typeof type !== 'string' || !Object.hasOwn(frames, type))
    throw new ChatError(
      'malformed',
      `Send a JSON object whose "type" is one of ${Object.keys(frames).join(', ')}.`,
    )
  const kind = frames[type as FrameType] as FrameKind
  const frame = validate(kind.schema, value)
  return { type: type as FrameType, run: async (target, re) => kind.run(target, frame, re) }
}

/** The frame's `id`, if it is one, even if the rest is wrong. */
export function frameId(value: unknown): FrameId | undefined {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined
  return (typeof id === 'string' && id.length <= 64) || Number.isSafeInteger(id) ? (id as FrameId) : undefined
}
