import type { Readable } from 'node:stream'

/** An answer, before anything of it is sent. */
export interface Reply {
  readonly status: number
  /** The media type of `body`. */
  readonly type?: string
  /**
   * A stream is sent as it comes, no faster than the client takes it, and destroyed when the client leaves. What it fails
   * with before its first bytes is answered as a failure; later it cuts the connection, so that nobody takes a part for all.
   */
  readonly body?: string | Buffer | Readable | AsyncIterable<string | Uint8Array>
  /** How many bytes a stream has, if that is known. */
  readonly length?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** One without a stream. */
export interface WholeReply extends Reply {
  readonly body?: string | Buffer
}

export const jsonReply = (
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): WholeReply => ({
  status,
  type: 'application/json',
  body: JSON.stringify(value),
  headers,
})

export const emptyReply: WholeReply = { status: 204 }

/** On every answer. What a user may read is nobody else's to keep, and never something to sniff a type from. */
export const commonHeaders = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const

/** How much of a refused body, and how long, is still taken so that the client gets to read its answer. */
export interface Linger {
  readonly bytes: number
  readonly ms: number
}
