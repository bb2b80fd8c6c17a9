import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { type Link, startLink } from '../mongo/link.ts'
import { freePort, type ServiceProcess, spawnService, temporaryFolder } from '../support/process.ts'

/** A process of the built file, with a link of its own to MongoDB. */
export interface Instance {
  readonly url: string
  readonly link: Link
  /** All that its processes wrote so far. */
  output(): string
  /** SIGKILL. */
  kill(): Promise<void>
  /** Comes back at the same URL, with these variables too. */
  restart(more?: Record<string, string>): Promise<void>
  /** SIGTERM. Resolves with the exit code. */
  stop(): Promise<number | null>
}

/** `mongoEnv`: MONGODB_URL and DATABASE_NAME. */
export async function startInstance(
  mongoEnv: Record<string, string> & {
    MONGODB_URL: string
    DATABASE_NAME: string
  },
): Promise<Instance> {
  const folder = temporaryFolder()
  const link = await startLink(mongoEnv.MONGODB_URL)
  const env = { ...mongoEnv, MONGODB_URL: link.url, PORT: String(await freePort()), SHUTDOWN_TIMEOUT: '5s' }
  const ended: string[] = []
  const leave = async (): Promise<void> => {
    await link.close()
    folder[Symbol.dispose]()
  }
  let service: ServiceProcess = await spawnService(folder.path, env).catch(async (error: unknown) => {
    await leave()
    throw error
  })
  const { url } = service
  return {
    url,
    link,
    output: () => [...ended, service.output()].join(''),
    async kill() {
      await service.end('SIGKILL')
    },
    async restart(more = {}) {
      ended.push(service.output())
      service = await spawnService(folder.path, { ...env, ...more })
    },
    async stop() {
      const code = await service.end('SIGTERM')
      await leave()
      return code
    },
  }
}

/** One address before all instances, as a load balancer is: every connection goes to one that answers, by chance. */
export interface Balancer {
  readonly url: string
  /** Breaks about this share of all connections, wherever in a frame they are. */
  breakSome(share: number): void
  close(): Promise<void>
}

export async function startBalancer(urls: readonly string[], random: () => number): Promise<Balancer> {
  const ports = urls.map((url) => Number(new URL(url).port))
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    sockets.add(near)
    near.on('error', () => near.destroy()).on('close', () => sockets.delete(near))
    const first = Math.floor(random() * ports.length)
    dial(near, [...ports.slice(first), ...ports.slice(0, first)])
  })

  function dial(near: Socket, [port, ...others]: number[]): void {
    if (port === undefined) return void near.destroy()
    const far = connect(port, '127.0.0.1')
    const next = () => dial(near, others)
    far.once('error', next)
    far.once('connect', () => {
      far.off('error', next)
      far.on('error', () => near.destroy()).on('close', () => near.destroy())
      near.on('close', () => far.destroy())
      near.pipe(far).pipe(near)
    })
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${address && typeof address === 'object' ? address.port : 0}`,
    breakSome(share) {
      for (const socket of sockets) if (random() < share) socket.destroy()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
