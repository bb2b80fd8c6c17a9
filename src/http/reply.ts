import type { IncomingMessage, ServerResponse } from 'node:http'

/** An answer, before anything of it is sent. */
export interface Reply {
  readonly status: number
  /** The media type of `body`. */
  readonly type?: string
  readonly body?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

export const jsonReply = (status: number, value: unknown, headers: Record<string, string> = {}): Reply => ({
  status,
  type: 'application/json',
  body: JSON.stringify(value),
  headers,
})

export const emptyReply: Reply = { status: 204 }

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

/**
 * Sends the reply at once and whole. Its own headers win over `headers`. `close`: the connection ends with it, but for
 * what the client is still sending lingers so long.
 */
export function sendReply(
  response: ServerResponse<IncomingMessage>,
  reply: Reply,
  headers: Record<string, string>,
  close: Linger | false,
): void {
  const { body, status } = reply
  const head: Record<string, string | number> = { ...commonHeaders, ...headers }
  if (reply.type !== undefined) head['Content-Type'] = reply.type
  if (status !== 204) head['Content-Length'] = body === undefined ? 0 : Buffer.byteLength(body)
  Object.assign(head, reply.headers)
  if (close) head.Connection = 'close'
  response.writeHead(status, head)
  const { complete, headers: asked } = response.req
  // Who asked first (Expect) has not begun to send.
  if (close && !complete && asked.expect === undefined) endLate(response, body, close)
  else response.end(body)
}

/**
 * The client is still sending. If we closed now, the unread bytes would make the system reset the connection, and
 * the client might never see why: so we answer, read on for a while, and close then (RFC 9112, 9.6).
 */
function endLate(
  response: ServerResponse<IncomingMessage>,
  body: string | Buffer | undefined,
  linger: Linger,
): void {
  const { req } = response
  if (body !== undefined) response.write(body)
  else response.flushHeaders()
  let left = linger.bytes
  const timer = setTimeout(end, linger.ms)
  function end() {
    clearTimeout(timer)
    if (!response.writableEnded) response.end()
  }
  req.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) end()
  })
  req.on('end', end)
  req.on('close', end)
  req.resume()
}
