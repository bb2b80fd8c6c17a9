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

/** Where the bytes of a body go. */
export interface BodySink {
  /** False: enough for now. Throws what is wrong with the body. */
  write(chunk: Buffer): boolean
  /** It is all there. Throws what is wrong with it. */
  end(): void
  /** Nothing more comes: too_large, timeout, ClientGone, or what was thrown. */
  fail(error: Error): void
}

/** A request's body on its way in. */
export interface Arrival {
  readonly headers: IncomingHttpHeaders
  /** What holds for it. */
  limits(): BodyLimits
  /** Takes the route's own limits in place of the service's; what is left out stays. */
  allow(own: { readonly [Limit in keyof BodyLimits]?: BodyLimits[Limit] | undefined }): void
  /** All of it. Throws too_large, timeout, ClientGone. */
  bytes(): Promise<Buffer>
  /**
   * Hands its bytes on as they come; what it returns asks for more after the sink had enough. `around`: how many more than
   * `maxBody` it may have, for what is around a file. Throws what is known before any of them: too_large, timeout, ClientGone.
   */
  pour(sink: BodySink, around?: number): () => void
  /** Whoever still reads it will get no more: the request is answered. */
  release(): void
  /** Whether the client may still be sending what nobody will read. */
  leavesRest(): boolean
  /** For when it is refused. */
  linger(): Linger
}

const leastLinger: Linger = { bytes: 4 * 1024 * 1024, ms: 2_000 }
/** Many clients read nothing before they have sent all: so much more than a body may have is taken from them. */
const lingerFactor = 4

/** `usual`: what holds where a route says nothing else. `onPoured`: the last of a body that is handed on has come. */
export function createArrival(
  request: IncomingMessage,
  response: ServerResponse,
  usual: BodyLimits,
  onPoured: () => void,
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

  function pour(sink: BodySink, around = 0): () => void {
    const most = limits.maxBody + around
    let isOver = false
    let length = 0

    function fail(error: Error): void {
      if (isOver) return
      isOver = true
      give = undefined
      // What still comes is passed over.
      request.resume()
      sink.fail(error)
    }

    function attempt(step: () => void): void {
      if (isOver) return
      try {
        step()
      } catch (error) {
        fail(error as Error)
      }
    }

    if (late) throw late
    // It went while its token was checked: nothing more will be told of it.
    if (request.destroyed) throw new ClientGone('gone')
    if (Number(headers['content-length']) > most) throw tooLarge()
    if (headers.expect !== undefined) response.writeContinue()
    give = fail
    request.on('data', (chunk: Buffer) =>
      attempt(() => {
        length += chunk.length
        if (length > most) throw tooLarge()
        if (!sink.write(chunk)) request.pause()
      }),
    )
    request.on('end', () =>
      attempt(() => {
        sink.end()
        isOver = true
        give = undefined
      }),
    )
    const leave = (cause?: Error) => {
      if (!isOver) fail(new ClientGone('gone', { cause }))
    }
    request.on('error', leave)
    request.on('close', leave)
    return () => request.resume()
  }

  const tooLarge = () => new ChatError('too_large', `The body may have at most ${limits.maxBody} bytes.`)

  return {
    headers,
    // No getter: V8 would make a hidden class for each request, and keep the request with it until a full collection.
    limits: () => limits,

    allow({ maxBody = limits.maxBody, maxBodyMs = limits.maxBodyMs }) {
      if (timer && maxBodyMs !== limits.maxBodyMs) {
        clearTimeout(timer)
        timer = setTimeout(expire, maxBodyMs)
      }
      limits = { maxBody, maxBodyMs }
    },

    bytes: () =>
      new Promise((resolve, reject) => {
        const chunks: Buffer[] = []
        pour({
          write: (chunk) => chunks.push(chunk) > 0,
          end: () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)),
          fail(error) {
            chunks.length = 0
            reject(error)
          },
        })
      }),

    pour: (sink, around) =>
      pour(
        {
          ...sink,
          end() {
            onPoured()
            sink.end()
          },
        },
        around,
      ),

    release() {
      if (give) give(new Error('The request was answered before its body was read.'))
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
