import { type Static, type TObject, type TSchema, Type } from 'typebox'
import type { Chat } from '../chat/chat.ts'
import type { Subscription } from '../chat/live.ts'
import type { Caller } from '../domain/caller.ts'
import { ChatError } from '../domain/errors.ts'
import type { Rates } from '../domain/rates.ts'
import { validate } from '../domain/validate.ts'

export type FrameId = string | number

/** Names the frame that an answer is for. */
export type Re = { readonly re?: FrameId }

/** The session of a frame, as the frame's work sees it. */
export interface FrameTarget {
  readonly by: Caller
  readonly chat: Chat
  readonly rates: Pick<Rates, 'requests' | 'subscriptions'>
  send(answer: object): void
  /** The id of the group that a frame is for, given what the frame names. Throws invalid (it names none and has to), forbidden. */
  groupOf(named: string | undefined): string
  /** The subscriber by which the socket listens to this group, if it does. */
  subscriberOf(groupId: string): Subscription['subscriber'] | undefined
  /** Throws forbidden, rate_limited, not_found, malformed, unavailable. */
  subscribe(groupId: string, after?: string): Promise<void>
  /** Throws forbidden. */
  unsubscribe(groupId: string): Promise<void>
  /** Resolves to when the session ends with the new token, in milliseconds since 1970. Throws unauthenticated, forbidden. */
  renew(token: string): Promise<number>
}

/** One kind of frame: its schema and its work, which sends the answer itself. */
export interface FrameKind<Shape extends TObject = TObject> {
  readonly schema: Shape
  run(target: FrameTarget, frame: Static<Shape>, re: Re): void | Promise<void>
}

export const frame = <Fields extends Record<string, TSchema>>(
  fields: Fields,
  run: FrameKind<TObject<Fields>>['run'],
): FrameKind<TObject<Fields>> => ({
  schema: Type.Object({
    ...fields,
    id: Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Integer()])),
  }) as unknown as TObject<Fields>,
  run,
})

/** A frame that was read: its type, and the work that it asks for. */
export interface ReadFrame {
  readonly type: string
  run(target: FrameTarget, re: Re): Promise<void>
}

/** `frames`: by type. Throws malformed (not a JSON object with one of these types), invalid. */
export function readFrame(frames: Readonly<Record<string, unknown>>, value: unknown): ReadFrame {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
  if (typeof type !== 'string' || !Object.hasOwn(frames, type))
    throw new ChatError(
      'malformed',
      `Send a JSON object whose "type" is one of ${Object.keys(frames).join(', ')}.`,
    )
  const kind = frames[type] as FrameKind
  const frame = validate(kind.schema, value)
  return { type, run: async (target, re) => kind.run(target, frame, re) }
}

/** The frame's `id`, if it is a valid one, even when the rest of the frame is wrong. */
export function frameId(value: unknown): FrameId | undefined {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined
  return (typeof id === 'string' && id.length <= 64) || Number.isSafeInteger(id) ? (id as FrameId) : undefined
}
