import { isUtf8 } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { ChatError } from '../domain/errors.ts'
import { HttpError } from './problem.ts'

/** The client went away before its request was complete: there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

/**
 * The request's body as JSON. A key given twice counts with its last value (RFC 8259, 4), and `__proto__` is a key like
 * any other. Throws malformed, too_large (over `limit` bytes), unsupported_media_type, ClientGone.
 */
export async function readJson(
  request: IncomingMessage,
  response: ServerResponse,
  limit: number,
): Promise<unknown> {
  requireJson(request)
  if (Number(request.headers['content-length']) > limit) throw tooLarge(limit)
  if (request.headers.expect !== undefined) response.writeContinue()
  const bytes = await readBytes(request, limit)
  if (bytes.length === 0) throw new ChatError('malformed', 'The body is empty: send a JSON object.')
  if (!isUtf8(bytes)) throw new ChatError('malformed', 'The body is not UTF-8.')
  try {
    return JSON.parse(bytes.toString())
  } catch {
    throw new ChatError('malformed', 'The body is not JSON.')
  }
}

function requireJson({ headers }: IncomingMessage): void {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding.toLowerCase() !== 'identity')
    throw new HttpError('unsupported_media_type', 'Send the body as it is, without a Content-Encoding.', {
      'Accept-Encoding': 'identity',
    })
  const type = (headers['content-type'] ?? '').toLowerCase()
  if (type === 'application/json') return
  const [essence = '', ...parameters] = type.split(';').map((part) => part.trim())
  const charset = parameters.find((each) => each.startsWith('charset='))?.slice('charset='.length)
  if (essence !== 'application/json' || (charset !== undefined && !/^"?utf-?8"?$/.test(charset)))
    throw new HttpError('unsupported_media_type', 'Send JSON in UTF-8, as Content-Type: application/json.', {
      Accept: 'application/json',
    })
}

const tooLarge = (limit: number) => new ChatError('too_large', `The body may have at most ${limit} bytes.`)

function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // It went while its token was checked: nothing more will be told of it.
    if (request.destroyed) return reject(new ClientGone('gone'))
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length > limit) {
        chunks.length = 0
        reject(tooLarge(limit))
      } else chunks.push(chunk)
    })
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    request.on('error', (cause) => reject(new ClientGone('gone', { cause })))
    request.on('close', () => reject(new ClientGone('gone')))
  })
}
