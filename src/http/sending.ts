import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { ClientGone } from './arrival.ts'
import { commonHeaders, type Linger, type Reply } from './reply.ts'

type Response = ServerResponse<IncomingMessage>

/**
 * Sends the reply. Its own headers win over `headers`. `close`: the connection ends with it, but for what the client is
 * still sending lingers so long. What is whole is sent at once; a stream resolves when all of it is sent, and throws
 * ClientGone, or what the stream failed with: if no head was sent by then, anything else can be answered still.
 */
export function sendReply(
  response: Response,
  reply: Reply,
  headers: Record<string, string>,
  close: Linger | false,
): Promise<void> | undefined {
  const { body, status, length } = reply
  const head: Record<string, string | number> = { ...commonHeaders, ...headers }
  if (reply.type !== undefined) head['Content-Type'] = reply.type
  const size = body === undefined || isWhole(body) ? Buffer.byteLength(body ?? '') : length
  if (size !== undefined && status !== 204 && status !== 304) head['Content-Length'] = size
  Object.assign(head, reply.headers)
  if (close) head.Connection = 'close'
  if (body !== undefined && !isWhole(body))
    return sendStream(response, body, length, () => response.writeHead(status, head))
  response.writeHead(status, head)
  const { complete, headers: asked } = response.req
  // Who asked first (Expect) has not begun to send.
  if (close && !complete && asked.expect === undefined) endLate(response, body, close)
  else response.end(body)
  return undefined
}

const isWhole = (body: NonNullable<Reply['body']>): body is string | Buffer =>
  typeof body === 'string' || Buffer.isBuffer(body)

function sendStream(
  response: Response,
  body: Readable | AsyncIterable<string | Uint8Array>,
  length: number | undefined,
  begin: () => void,
): Promise<void> {
  const source = body instanceof Readable ? body : Readable.from(body, { objectMode: false })
  // What it fails with while it is destroyed is nobody's concern any more.
  source.on('error', () => {})
  if (response.closed) {
    source.destroy()
    return Promise.reject(new ClientGone('gone'))
  }
  if (response.req.method === 'HEAD') {
    source.destroy()
    begin()
    response.end()
    return Promise.resolve()
  }
  return new Promise((resolve, reject) => {
    let sent = 0
    let isOver = false

    function fail(error: Error): void {
      if (isOver) return
      isOver = true
      source.destroy()
      if (response.headersSent) cutOff(response, length)
      reject(error)
    }

    const closed = () => new Error('The stream was closed before its end.')
    if (source.destroyed) return fail(source.errored ?? closed())
    source.on('data', (chunk: string | Uint8Array) => {
      if (isOver) return
      if (!response.headersSent) begin()
      sent += Buffer.byteLength(chunk)
      if (length !== undefined && sent > length)
        return fail(new Error(`The stream has more than the ${length} bytes that were announced.`))
      if (!response.write(chunk)) source.pause()
    })
    response.on('drain', () => source.resume())
    source.on('end', () => {
      if (length !== undefined && sent < length)
        return fail(new Error(`The stream has ${sent} bytes; ${length} were announced.`))
      if (!response.headersSent) begin()
      response.end()
    })
    source.on('error', fail)
    source.on('close', () => {
      if (!source.readableEnded) fail(closed())
    })
    response.on('finish', () => {
      isOver = true
      resolve()
    })
    response.on('close', () => fail(new ClientGone('gone')))
  })
}

/** So that the client sees that something is missing: a body of HTTP/1.0 without a length ends as its connection does. */
function cutOff(response: Response, length: number | undefined): void {
  const { httpVersion, socket } = response.req
  if (httpVersion === '1.0' && length === undefined) socket.resetAndDestroy()
  else response.destroy()
}

/**
 * The client is still sending. If we closed now, the unread bytes would make the system reset the connection, and
 * the client might never see why: so we answer, read on for a while, and close then (RFC 9112, 9.6).
 */
function endLate(response: Response, body: string | Buffer | undefined, linger: Linger): void {
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
