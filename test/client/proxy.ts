import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Stands between clients and the service, and ends their connections. */
export interface CuttingProxy {
  readonly url: string
  /** Where new connections go. */
  target: string
  /** Ends all connections; while `refusing`, new ones at once. */
  cut(): void
  /** Ends all connections towards the clients. For the service they are still there, beside those that come next. */
  cutNear(): void
  refusing: boolean
  /** Holds what comes for so many milliseconds, in either direction. */
  delayMs: number
  close(): Promise<void>
}

export async function startProxy(target: string): Promise<CuttingProxy> {
  const sockets = new Set<Socket>()
  const nears = new Set<Socket>()
  /** Those that were ended on one side only. */
  const doubled = new WeakSet<Socket>()
  const server = createServer((near) => {
    if (proxy.refusing) return void near.destroy()
    const { hostname, port } = new URL(proxy.target)
    const far = connect(Number(port), hostname)
    nears.add(near)
    near.on('close', () => nears.delete(near))
    pass(near, far)
    pass(far, near)
  })

  function pass(from: Socket, into: Socket): void {
    sockets.add(from)
    from.on('error', () => into.destroy())
    from.on('close', () => {
      sockets.delete(from)
      if (!doubled.has(from)) into.destroy()
    })
    let before = Promise.resolve()
    from.on('data', (data: Buffer) => {
      const wait = proxy.delayMs ? new Promise((resolve) => setTimeout(resolve, proxy.delayMs)) : undefined
      before = before.then(async () => {
        await wait
        if (!into.destroyed) into.write(data)
      })
    })
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  const proxy: CuttingProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    target,
    cut,
    cutNear() {
      for (const socket of nears) {
        doubled.add(socket)
        socket.destroy()
      }
    },
    refusing: false,
    delayMs: 0,
    async close() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
  return proxy
}
