import { WebSocket } from 'ws'

/** Any frame of the server; a test asserts on the fields it knows. */
export type Frame = { type: string } & Record<string, unknown>

/** A WebSocket client that keeps all it heard, and waits for what a test names. */
export interface TestSocket {
  readonly ws: WebSocket
  /** All frames so far, oldest first. */
  readonly frames: readonly Frame[]
  /** The first frame of this type, or that this is true for, that was not taken yet. Waits for it, at most 10 s. */
  next(what: string | ((frame: Frame) => boolean)): Promise<Frame>
  send(frame: object): void
  /** Sends, and resolves with the answer to it: `ack`, `pong` or `error`. */
  ask(frame: object): Promise<Frame>
  readonly closed: Promise<{ code: number; reason: string }>
  close(): Promise<void>
}

export interface SocketOptions {
  token?: string
  after?: string
  protocols?: string[]
  headers?: Record<string, string>
}

/** How an upgrade was refused. */
export class RefusedUpgrade extends Error {
  readonly status: number
  readonly body: Promise<Record<string, unknown>>
  constructor(status: number, body: Promise<Record<string, unknown>>) {
    super(`upgrade refused with ${status}`)
    this.status = status
    this.body = body
  }
}

const patienceMs = 10_000

/** Resolves when the socket is open. Rejects with RefusedUpgrade. */
export function openSocket(url: string, options: SocketOptions = {}): Promise<TestSocket> {
  const address = new URL(url.replace(/^http/, 'ws'))
  if (options.token !== undefined) address.searchParams.set('token', options.token)
  if (options.after !== undefined) address.searchParams.set('after', options.after)
  const ws = new WebSocket(address, options.protocols ?? [], {
    headers: options.headers ?? {},
    perMessageDeflate: false,
  })

  const frames: Frame[] = []
  const taken = new Set<Frame>()
  let waiting: (() => void)[] = []
  let asked = 0
  const wake = () => {
    const now = waiting
    waiting = []
    for (const look of now) look()
  }
  ws.on('message', (data) => {
    frames.push(JSON.parse(String(data)) as Frame)
    wake()
  })
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    ws.on('close', (code, reason) => {
      resolve({ code, reason: String(reason) })
      wake()
    })
  })

  const next: TestSocket['next'] = (what) =>
    new Promise((resolve, reject) => {
      const is = typeof what === 'string' ? (frame: Frame) => frame.type === what : what
      const fail = (why: string) =>
        reject(new Error(`${why}: ${what}; heard: ${JSON.stringify(frames.slice(-20))}`))
      const timer = setTimeout(() => fail('did not come'), patienceMs)
      const look = () => {
        const found = frames.find((frame) => !taken.has(frame) && is(frame))
        if (found) {
          taken.add(found)
          clearTimeout(timer)
          resolve(found)
        } else if (ws.readyState === WebSocket.CLOSED) {
          clearTimeout(timer)
          fail('closed before it came')
        } else waiting.push(look)
      }
      look()
    })

  const socket: TestSocket = {
    ws,
    frames,
    next,
    send: (frame) => ws.send(JSON.stringify(frame)),
    ask(frame) {
      const id = `ask-${++asked}`
      ws.send(JSON.stringify({ ...frame, id }))
      return next((answer) => answer.re === id)
    },
    closed,
    async close() {
      ws.close()
      await closed
    },
  }

  return new Promise((resolve, reject) => {
    ws.on('open', () => resolve(socket))
    ws.on('error', reject)
    ws.on('unexpected-response', (_request, response) => {
      const body = (async () => {
        let text = ''
        for await (const chunk of response.setEncoding('utf8')) text += chunk
        return JSON.parse(text) as Record<string, unknown>
      })()
      reject(new RefusedUpgrade(response.statusCode ?? 0, body))
      body.catch(() => {}).finally(() => ws.terminate())
    })
  })
}
