import { type Static, Type } from 'typebox'

/** A browser that is told of messages while its user is away (RFC 8030), and the keys to tell it by (RFC 8291). */
export interface Device {
  /** Where its push service takes what it is told. It is the device's identity. */
  readonly endpoint: string
  readonly userId: string
  /** The session that it was put in, with which it ends; null for a token that has none. */
  readonly sessionId: string | null
  /** Base64url: a point of P-256, uncompressed, and 16 random bytes. */
  readonly p256dh: string
  readonly auth: string
  readonly createdAt: number
}

const Endpoint = Type.String({
  minLength: 1,
  maxLength: 2_048,
  description: 'An https URL of a public server.',
})

export const deviceExample = {
  endpoint: 'https://push.example.com/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV',
  expirationTime: null,
  keys: {
    p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
    auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  },
}

/** What a browser's `PushSubscription.toJSON()` gives. */
export const NewDevice = Type.Object(
  {
    endpoint: Endpoint,
    expirationTime: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
    keys: Type.Object({
      p256dh: Type.String({ pattern: '^[A-Za-z0-9_-]{87}=?$' }),
      auth: Type.String({ pattern: '^[A-Za-z0-9_-]{22}(==)?$' }),
    }),
  },
  {
    title: 'PushSubscription',
    description: "What a browser's `PushSubscription.toJSON()` gives.",
    examples: [deviceExample],
  },
)
export type NewDevice = Static<typeof NewDevice>

export const NamedDevice = Type.Object(
  { endpoint: Endpoint },
  {
    title: 'PushEndpoint',
    examples: [{ endpoint: 'https://push.example.com/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV' }],
  },
)
