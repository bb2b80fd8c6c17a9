import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A link to a server that can be cut, hung and slowed. */
export interface Link {
  /** `mongodb://127.0.0.1:port`, with the URL's options. */
  readonly url: string
  /** Ends all connections and refuses new ones, until `heal`. */
  cut(): void
  /** Keeps all connections open, and lets nothing through, until `heal`. */
  hang(): void
  /** Delays everything, both ways, by so much, however much is under way at once. */
  slow(ms: number): void
  /** Delays answers to change streams by a random time of up to so much. Everything else is answered at once. */
  lagStreams(ms: number): void
  /** Requests that hold any of these bytes never reach the server, until `heal`. */
  swallow(...bytes: string[]): void
  /**
   * The next request that holds these bytes reaches the server, but its reply does not come back, because the
   * connection is cut.
   */
  loseReplyTo(bytes: string): void
  heal(): void
  close(): Promise<void>
}

/** What happens to the answers on one connection, which come one at a time. */
interface Fate {
  replies: boolean
  isStream: boolean
}

export async function startLink(target: string): Promise<Link> {
  const to = new URL(target)
  const sockets = new Set<Socket>()
  let state: 'open' | 'cut' | 'hung' = 'open'
  let delayMs = 0
  let streamLagMs = 0
  let deadly: string | undefined
  let swallowed: string[] = []
  let healed = Promise.withResolvers<void>()

  const server = createServer((near) => {
    if (state === 'cut') {
      near.destroy()
      return
    }
    const far = connect(Number(to.port || 27017), to.hostname)
    const fate: Fate = { replies: true, isStream: false }
    pass(near, far, fate, true)
    pass(far, near, fate, false)
  })

  function pass(from: Socket, into: Socket, fate: Fate, isRequest: boolean): void {
    sockets.add(from)
    from.on('error', () => into.destroy())
    from.on('close', () => {
      sockets.delete(from)
      into.destroy()
    })
    let last = Promise.resolve()
    from.on('data', (data: Buffer) => {
      if (isRequest && swallowed.some((bytes) => data.includes(bytes))) return
      if (isRequest) fate.isStream = data.includes('getMore')
      if (isRequest && deadly !== undefined && data.includes(deadly)) {
        deadly = undefined
        fate.replies = false
      }
      const lagMs = !isRequest && fate.isStream ? Math.random() * streamLagMs : 0
      const due = performance.now() + delayMs + lagMs
      last = last.then(async () => {
        const restMs = due - performance.now()
        if (restMs > 0) await sleep(restMs)
        while (state === 'hung') await healed.promise
        if (!isRequest && !fate.replies) into.destroy()
        else if (!into.destroyed) into.write(data)
      })
    })
  }

  function destroyAll(): void {
    for (const socket of sockets) socket.destroy()
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = address && typeof address === 'object' ? address.port : 0
  const heal = (): void => {
    state = 'open'
    delayMs = 0
    streamLagMs = 0
    swallowed = []
    healed.resolve()
    healed = Promise.withResolvers()
  }
  return {
    url: `mongodb://127.0.0.1:${port}/?directConnection=true`,
    cut() {
      state = 'cut'
      destroyAll()
    },
    hang() {
      state = 'hung'
    },
    slow(ms) {
      delayMs = ms
    },
    lagStreams(ms) {
      streamLagMs = ms
    },
    swallow(...bytes) {
      swallowed = bytes
    },
    loseReplyTo(bytes) {
      deadly = bytes
    },
    heal,
    async close() {
      heal()
      destroyAll()
      if (!server.listening) return
      server.close()
      await once(server, 'close')
    },
  }
}
