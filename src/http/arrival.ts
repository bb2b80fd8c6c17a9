import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { ChatError } from '../domain/errors.ts'
import { HttpError } from './problem.ts'
import type { Linger } from './reply.ts'

/** The client went away before its request was complete: there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

export interface BodyLimits {
  /** The most bytes of a body. */
  readonly maxBody: number
  /** How long a body may take to arrive, from the moment that its request is taken up. */
  readonly maxBodyMs: number
}

/** A request's body on its way in. */
export interface Arrival {
  readonly headers: IncomingHttpHeaders
  readonly maxBody: number
  /** Takes the route's own limits in place of the service's; what is left out stays. */
  allow(own: { readonly [Limit in keyof BodyLimits]?: BodyLimits[Limit] | undefined }): void
  /** All of it. Throws too_large, timeout, ClientGone. */
  bytes(): Promise<Buffer>
  /** Whether the client may still be sending what nobody will read. */
  leavesRest(): boolean
  /** For when it is refused. */
  linger(): Linger
}

const leastLinger: Linger = { bytes: 4 * 1024 * 1024, ms: 2_000 }
/** Many clients read nothing before they have sent all: so much more than a body may have is taken from them. */
const lingerFactor = 4

/** `usual`: what holds where a route says nothing else. */
export function createArrival(
  request: IncomingMessage,
  response: ServerResponse,
  usual: BodyLimits,
): Arrival {
  const { headers } = request
  let limits = usual
  /** Its time is over. */
  let late: HttpError | undefined
  /** Tells who reads that nothing more will come. */
  let give: ((error: Error) => void) | undefined
  let timer: NodeJS.Timeout | undefined

  if (hasBody(headers)) {
    timer = setTimeout(expire, limits.maxBodyMs)
    request.once('close', settle)
    // A request that was answered before it was complete is not told of it.
    request.socket.once('close', settle)
    // The connection stood still for too long.
    request.once('timeout', expire)
  }

  function settle(): void {
    clearTimeout(timer)
    request.socket.off('close', settle)
  }

  function expire(): void {
    if (request.complete) return
    late = new HttpError('timeout', 'The request took too long to arrive.')
    give?.(late)
    if (response.headersSent) request.socket.destroy()
  }

  const tooLarge = () => new ChatError('too_large', `The body may have at most ${limits.maxBody} bytes.`)

  return {
    headers,
    get maxBody() {
      return limits.maxBody
    },

    allow({ maxBody = limits.maxBody, maxBodyMs = limits.maxBodyMs }) {
      if (timer && maxBodyMs !== limits.maxBodyMs) {
        clearTimeout(timer)
        timer = setTimeout(expire, maxBodyMs)
      }
      limits = { maxBody, maxBodyMs }
    },

    async bytes() {
      if (late) throw late
      if (Number(headers['content-length']) > limits.maxBody) throw tooLarge()
      if (headers.expect !== undefined) response.writeContinue()
      return new Promise((resolve, reject) => {
        // It went while its token was checked: nothing more will be told of it.
        if (request.destroyed) return reject(new ClientGone('gone'))
        const chunks: Buffer[] = []
        let length = 0
        give = (error) => {
          chunks.length = 0
          reject(error)
        }
        request.on('data', (chunk: Buffer) => {
          length += chunk.length
          if (length > limits.maxBody) give?.(tooLarge())
          else chunks.push(chunk)
        })
        request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
        request.on('error', (cause) => reject(new ClientGone('gone', { cause })))
        request.on('close', () => reject(new ClientGone('gone')))
      })
    },

    leavesRest() {
      if (request.complete) return false
      return (
        late !== undefined ||
        headers['transfer-encoding'] !== undefined ||
        headers.expect !== undefined ||
        Number(headers['content-length'] ?? 0) > limits.maxBody
      )
    },

    linger: () => ({
      bytes: Math.max(leastLinger.bytes, lingerFactor * limits.maxBody),
      // A route that gives its clients long to send gives them as long to come to its answer, but not twice.
      ms: !late && limits.maxBodyMs > usual.maxBodyMs ? limits.maxBodyMs : leastLinger.ms,
    }),
  }
}

const hasBody = (headers: IncomingHttpHeaders): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
