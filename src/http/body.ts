import { isUtf8 } from 'node:buffer'
import { type Static, type TSchema, Type } from 'typebox'
import { ChatError } from '../domain/errors.ts'
import { validate } from '../domain/validate.ts'
import type { Arrival } from './arrival.ts'
import { readForm } from './form.ts'
import { type HeaderValue, readHeaderValue } from './header-value.ts'
import { boundaryOf, readFields } from './multipart.ts'
import { HttpError } from './problem.ts'
import { readFile, readFilePart, type Upload } from './upload.ts'

/** One kind of body that a route takes, and what the route gets of it. */
export interface BodyKind<Value> {
  /** The media type, for `Accept` and the documentation. */
  readonly type: string
  /** As a refused client is told to send it. */
  readonly words: string
  /** What the documentation says of it; undefined: bytes. */
  readonly schema: TSchema | undefined
  /** The request may come without a body. */
  readonly isOptional?: true
  takes(type: HeaderValue): boolean
  /** Throws what is wrong with it: malformed, too_large, invalid, timeout, ClientGone. */
  read(arrival: Arrival, type: HeaderValue): Promise<Value>
}

/** What a route's `body` may be: a kind, or some of which the first that takes the request's Content-Type reads it. */
export type Body = BodyKind<unknown> | readonly BodyKind<unknown>[]

/** What a route gets of its body. */
export type ValueOf<B extends Body> = B extends readonly BodyKind<infer Value>[]
  ? Value
  : B extends BodyKind<infer Value>
    ? Value
    : never

export const kindsOf = (body: Body): readonly BodyKind<unknown>[] => ('type' in body ? [body] : body)

/** The request's body by its Content-Type. Throws unsupported_media_type, and as `read` of its kind. */
export async function readBody(kinds: readonly BodyKind<unknown>[], arrival: Arrival): Promise<unknown> {
  const { headers } = arrival
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity')
    throw new HttpError('unsupported_media_type', 'Send the body as it is, without a Content-Encoding.', {
      'Accept-Encoding': 'identity',
    })
  const type = readHeaderValue(headers['content-type'])
  const kind = kinds.find((each) => each.takes(type))
  if (!kind) throw unsupported(kinds)
  return kind.read(arrival, type)
}

const unsupported = (kinds: readonly BodyKind<unknown>[]): HttpError =>
  new HttpError('unsupported_media_type', `Send ${kinds.map(({ words }) => words).join(', or ')}.`, {
    Accept: kinds.map((each) => each.type).join(', '),
  })

/** An object of this schema as JSON. */
export const json = <T extends TSchema>(schema: T): BodyKind<Static<T>> => ({
  type: 'application/json',
  words: 'JSON in UTF-8, as Content-Type: application/json',
  schema,
  takes: isInUtf8('application/json'),
  read: async (arrival) => validate(schema, readJson(await arrival.bytes())),
})

/** The same, and a request without a body counts as an object without fields. */
export const jsonIfAny = <T extends TSchema>(schema: T): BodyKind<Static<T>> => {
  const kind = json(schema)
  return {
    ...kind,
    isOptional: true,
    takes: (type) => type.essence === '' || kind.takes(type),
    async read(arrival, type) {
      const bytes = await arrival.bytes()
      if (bytes.length && !kind.takes(type)) throw unsupported([kind])
      return validate(schema, bytes.length ? readJson(bytes) : {})
    },
  }
}

/** Its fields as an urlencoded form: each is a string to the schema. */
export const form = <T extends TSchema>(schema: T): BodyKind<Static<T>> => ({
  type: 'application/x-www-form-urlencoded',
  words: 'a form in UTF-8, as Content-Type: application/x-www-form-urlencoded',
  schema,
  takes: isInUtf8('application/x-www-form-urlencoded'),
  read: async (arrival) => validate(schema, readForm(await arrival.bytes())),
})

/** Its fields as `multipart/form-data`, without files: each is a string to the schema. */
export const multipart = <T extends TSchema>(schema: T): BodyKind<Static<T>> => ({
  type: 'multipart/form-data',
  words: 'multipart/form-data',
  schema,
  takes: isMultipart,
  async read(arrival, type) {
    const boundary = boundaryOf(type)
    return validate(schema, readFields(await arrival.bytes(), boundary))
  },
})

/** The same fields in whichever way a client likes to send them. */
export const fields = <T extends TSchema>(schema: T): BodyKind<Static<T>>[] => [
  json(schema),
  form(schema),
  multipart(schema),
]

/** The file of `multipart/form-data` in the part of this name, and the text of any other parts. */
export const multipartFile = (part: string): BodyKind<Upload> => ({
  type: 'multipart/form-data',
  words: `multipart/form-data with the file as ${part}`,
  schema: Type.Object({ [part]: Type.String({ contentMediaType: 'application/octet-stream' }) }),
  takes: isMultipart,
  read: (arrival, type) => readFilePart(arrival, boundaryOf(type), part),
})

/** A file as it is: the whole body, whatever its Content-Type says. */
export const stream = (): BodyKind<Upload> => ({
  type: 'application/octet-stream',
  words: 'the bytes themselves',
  schema: undefined,
  takes: () => true,
  read: async (arrival, type) => readFile(arrival, type.essence || undefined),
})

/** The whole body at once, whatever its Content-Type says. */
export const bytes = (): BodyKind<Buffer> => ({
  type: 'application/octet-stream',
  words: 'the bytes themselves',
  schema: undefined,
  takes: () => true,
  read: (arrival) => arrival.bytes(),
})

/**
 * A key given twice counts with its last value (RFC 8259, 4), and `__proto__` is a key like any other. Throws malformed
 * for what is not JSON.
 */
function readJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw new ChatError('malformed', 'The body is empty: send a JSON object.')
  if (!isUtf8(bytes)) throw new ChatError('malformed', 'The body is not UTF-8.')
  try {
    return JSON.parse(bytes.toString())
  } catch {
    throw new ChatError('malformed', 'The body is not JSON.')
  }
}

/** Whether a Content-Type is this one, in no charset but UTF-8. */
function isInUtf8(wanted: string): (type: HeaderValue) => boolean {
  return ({ essence, parameters }) =>
    essence === wanted && /^utf-?8$/i.test(parameters.get('charset') ?? 'utf-8')
}

const isMultipart = ({ essence }: HeaderValue): boolean => essence === 'multipart/form-data'
