import {
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as requestHttp,
} from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'

/** How somebody outside answered. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
}

/** Posts to servers outside, which may be slow, broken or hostile. Redirects are not followed, and answers are not read. */
export interface Outward {
  /**
   * Resolves with any answer that came in time; how much of its body there is, and how slowly it comes, does not matter. Rejects
   * with an Error whose message says what went wrong: there was no answer, or it broke off.
   */
  post(
    url: URL,
    headers: Record<string, string>,
    body: string | Buffer,
    signal?: AbortSignal,
  ): Promise<Answer>
  /** Ends the connections that wait for more to send. */
  close(): void
}

interface Options {
  /** For the whole of it: the name, the connection, the request and the answer. */
  timeoutMs: number
  /** To one server. More wait for their turn, which counts as time. */
  connections: number
  /** Finds the address of a name. */
  lookup?: LookupFunction
}

/**
 * For so many milliseconds a connection waits for more to send. Servers wait longer, so that hardly a request meets one that is just
 * being closed, which would look like a failure.
 */
const keptMs = 2_000
/** An answer's body is read up to here, so that its connection can be used again. Of more the connection is ended. */
const mostRead = 16 * 1_024

export function createOutward({ timeoutMs, connections, lookup }: Options): Outward {
  const options = { keepAlive: true, timeout: keptMs, maxSockets: connections, ...(lookup && { lookup }) }
  const agents = { http: new HttpAgent(options), https: new HttpsAgent(options) }

  function post(url: URL, headers: Record<string, string>, body: string | Buffer, signal?: AbortSignal) {
    return new Promise<Answer>((resolve, reject) => {
      const isSecure = url.protocol === 'https:'
      const request = (isSecure ? requestHttps : requestHttp)(url, {
        method: 'POST',
        agent: isSecure ? agents.https : agents.http,
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        ...(signal && { signal }),
      })
      let answer: Answer | undefined
      const late = setTimeout(() => {
        if (answer) resolve(answer)
        else reject(new Error(`there was no answer within ${timeoutMs / 1_000} s`))
        request.destroy()
      }, timeoutMs)
      const fail = (error: NodeJS.ErrnoException) => {
        clearTimeout(late)
        reject(new Error(reasonOf(error), { cause: error }))
      }
      const receive = (response: IncomingMessage) => {
        answer = { status: response.statusCode ?? 0, headers: response.headers }
        const done = () => {
          clearTimeout(late)
          if (answer) resolve(answer)
        }
        let read = 0
        response.on('data', (chunk: Buffer) => {
          read += chunk.length
          if (read <= mostRead) return
          done()
          request.destroy()
        })
        response.on('end', done)
        response.on('error', () => {
          clearTimeout(late)
          reject(new Error(`the answer ${answer?.status} broke off`))
        })
      }
      request.on('response', receive)
      request.on('error', fail)
      request.end(body)
    })
  }

  return {
    post,

    close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

const reasonOf = ({ code, message }: NodeJS.ErrnoException): string =>
  `it can't be reached: ${code ?? message}`
