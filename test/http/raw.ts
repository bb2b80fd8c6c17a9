import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A TCP connection to a service, for requests that no client would send. */
export interface RawConnection {
  readonly socket: Socket
  write(text: string | Uint8Array): void
  /** Resolves with all that came once this is true of it; rejects when the connection ends before. */
  until(done: (text: string) => boolean): Promise<string>
  /** Resolves with all that came, when the service has closed the connection. */
  readonly ended: Promise<string>
}

export async function openRaw(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  let text = ''
  let looks: (() => void)[] = []
  const look = () => {
    const now = looks
    looks = []
    for (const each of now) each()
  }
  socket.on('data', (chunk) => {
    text += chunk.toString()
    look()
  })
  // A reset is an end like any other: what came before it counts.
  socket.on('error', () => {})
  const ended = new Promise<string>((resolve) => {
    socket.on('close', () => {
      resolve(text)
      look()
    })
  })
  return {
    socket,
    write: (data) => void socket.write(data),
    until: (done) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (done(text)) resolve(text)
          else if (socket.destroyed) reject(new Error(`ended after: ${text}`))
          else looks.push(check)
        }
        check()
      }),
    ended,
  }
}

/** Sends the text on a connection of its own, and resolves with the answer once the service closes it. */
export async function sendRaw(url: string, text: string | Uint8Array): Promise<RawAnswer> {
  const connection = await openRaw(url)
  connection.write(text)
  return parseRaw(await connection.ended)
}

export interface RawAnswer {
  status: number
  headers: Headers
  body: Record<string, unknown>
}

/** The last answer in the text, interim ones (100) left out. */
export function parseRaw(text: string): RawAnswer {
  const last = text.slice(Math.max(0, text.lastIndexOf('HTTP/1.1 ')))
  const [head = '', body = ''] = last.split('\r\n\r\n')
  const [line = '', ...fields] = head.split('\r\n')
  return {
    status: Number(line.split(' ')[1]),
    headers: new Headers(fields.map((field) => field.split(/: (.*)/s, 2) as [string, string])),
    body: body ? (JSON.parse(body) as Record<string, unknown>) : {},
  }
}
