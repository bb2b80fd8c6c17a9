import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { ChatError } from '../domain/errors.ts'
import { HttpError } from './problem.ts'
import { commonHeaders, type WholeReply } from './reply.ts'

/** How long a peer may take to read its refusal. */
const lingerMs = 1_000

/** Answers on a bare socket, where no ServerResponse can: before an upgrade, or to what is no HTTP. Then ends it. */
export function endWith(socket: Duplex, reply: WholeReply, headers: Readonly<Record<string, string>>): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const body = reply.body ?? ''
  const head = {
    ...commonHeaders,
    ...headers,
    ...(reply.type && { 'Content-Type': reply.type }),
    'Content-Length': Buffer.byteLength(body),
    ...reply.headers,
    Date: new Date().toUTCString(),
    Connection: 'close',
  }
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status]}\r\n${lines.join('')}\r\n${body}`)
  const timer = setTimeout(() => socket.destroy(), lingerMs).unref()
  socket.once('end', () => socket.destroy())
  socket.once('close', () => clearTimeout(timer))
  socket.resume()
}

/** What to answer when Node's parser gave up; null when there is nobody left to answer. */
export function parserProblem({ code = '' }: NodeJS.ErrnoException): ChatError | HttpError | null {
  if (code === 'HPE_HEADER_OVERFLOW') return new HttpError('headers_too_large', 'The header is too large.')
  if (code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW')
    return new ChatError('too_large', 'The chunk extensions are too large.')
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new HttpError('timeout', 'The request took too long to arrive.')
  return code.startsWith('HPE_') ? new ChatError('malformed', 'This is not HTTP as RFC 9112 has it.') : null
}
