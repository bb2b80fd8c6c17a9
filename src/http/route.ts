import type { IncomingMessage } from 'node:http'
import type { Static, TObject, TSchema } from 'typebox'
import type { Caller } from '../domain/caller.ts'
import type { RateKind } from '../domain/rates.ts'
import type { AnyErrorCode } from '../protocol/error-codes.ts'
import type { Body, ValueOf } from './body.ts'
import type { Reply } from './reply.ts'

/** What a handler gets: everything checked, nothing left to parse. */
export interface Context<Params, Query, Body> {
  readonly request: IncomingMessage
  /** As `params` of the route has them; the others are ids, well formed. */
  /** Where the request comes from. */
  readonly address: string
  readonly params: Params
  readonly query: Query
  readonly body: Body
}

export interface Answer {
  readonly about: string
  /** Of the JSON answered, if any. */
  readonly schema?: TSchema
  /** The media types, where they are not just JSON; without them and a schema the answer is empty. */
  readonly types?: readonly string[]
}

/** One row of the table from which requests are routed, checked, logged and documented. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** From the root, parameters as `:group_id`. */
  readonly path: string
  /** For logs, metrics and the documentation: never changes with an id. */
  readonly name: string
  readonly about: string
  /** Asks for a token; `maybe`: looks at one that is given, and takes one that is not good for none. */
  readonly auth: boolean | 'maybe'
  /** Of the path's parameters, those that are no ids. */
  readonly params?: TObject
  /** Its parameters may be any text, also what is no percent-encoded UTF-8: that is the name of nothing, and no malformed request. */
  readonly anyText?: true
  readonly query?: TObject
  /** The kinds of body that it takes: see body.ts. Without it none is read. */
  readonly body?: Body
  /** The most bytes of its body; MAX_BODY unless given. */
  readonly maxBody?: number
  /** How long its body may take to arrive, as long as the connection does not stand still; half a minute unless given. */
  readonly maxBodyMs?: number
  readonly headers?: TObject
  readonly answers: Readonly<Record<number, Answer>>
  /** What it takes units of, beyond `requests`: told by the headers of its answers. */
  readonly limits?: readonly RateKind[]
  /** It is for machines that ask as often as they are told to, and never refused. */
  readonly unlimited?: true
  /** What `handle` may throw, beyond what every such route may. */
  readonly errors: readonly AnyErrorCode[]
  /** `caller` is there when `auth` is true. */
  handle(
    context: Context<Record<string, string>, unknown, unknown>,
    caller: Caller | undefined,
  ): Reply | Promise<Reply>
}

/** `/groups/:group_id` -> 'group_id' */
type ParamNames<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamNames<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never

type Spec<Path extends string, Query extends TObject, B extends Body> = Omit<
  Route,
  'path' | 'query' | 'body' | 'auth' | 'handle'
> & {
  readonly path: Path
  readonly query?: Query
  readonly body?: B
}

type Given<Path extends string, Query extends TObject, B extends Body> = Context<
  Record<ParamNames<Path>, string>,
  Static<Query>,
  ValueOf<B>
>

/** A route for callers with a token, below the API's prefix. */
export function userRoute<Path extends string, Query extends TObject, B extends Body>(
  prefix: string,
  spec: Spec<Path, Query, B> & {
    handle(context: Given<Path, Query, B>, caller: Caller): Promise<Reply>
  },
): Route {
  return { ...spec, path: prefix + spec.path, auth: true } as Route
}

/** A route for everybody, which may do more for who has a token. */
export function guestRoute<Path extends string, Query extends TObject, B extends Body>(
  spec: Spec<Path, Query, B> & {
    handle(context: Given<Path, Query, B>, caller: Caller | undefined): Promise<Reply>
  },
): Route {
  return { ...spec, auth: 'maybe' } as Route
}

/** A route for everybody. */
export function publicRoute<Path extends string, Query extends TObject, B extends Body>(
  spec: Spec<Path, Query, B> & {
    handle(context: Given<Path, Query, B>): Reply | Promise<Reply>
  },
): Route {
  return { ...spec, auth: false } as Route
}
