import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { ChatError } from '../domain/errors.ts'

/** The client went away before its request was complete: there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

/** A request's body on its way in. */
export interface Arrival {
  readonly headers: IncomingHttpHeaders
  /** The most bytes that it may have. */
  readonly maxBody: number
  /** All of it. Throws too_large, ClientGone. */
  bytes(): Promise<Buffer>
  /** Whether the client may still be sending what nobody will read. */
  leavesRest(): boolean
}

export function createArrival(request: IncomingMessage, response: ServerResponse, maxBody: number): Arrival {
  const { headers } = request
  const tooLarge = () => new ChatError('too_large', `The body may have at most ${maxBody} bytes.`)
  return {
    headers,
    maxBody,

    async bytes() {
      if (Number(headers['content-length']) > maxBody) throw tooLarge()
      if (headers.expect !== undefined) response.writeContinue()
      return new Promise((resolve, reject) => {
        // It went while its token was checked: nothing more will be told of it.
        if (request.destroyed) return reject(new ClientGone('gone'))
        const chunks: Buffer[] = []
        let length = 0
        request.on('data', (chunk: Buffer) => {
          length += chunk.length
          if (length > maxBody) {
            chunks.length = 0
            reject(tooLarge())
          } else chunks.push(chunk)
        })
        request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
        request.on('error', (cause) => reject(new ClientGone('gone', { cause })))
        request.on('close', () => reject(new ClientGone('gone')))
      })
    },

    leavesRest() {
      if (request.complete) return false
      return (
        headers['transfer-encoding'] !== undefined ||
        headers.expect !== undefined ||
        Number(headers['content-length'] ?? 0) > maxBody
      )
    },
  }
}
