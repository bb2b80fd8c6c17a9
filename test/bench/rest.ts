/**
 * A page of 50 messages over REST, our whole service (token checked, membership read, log written) beside bare `node:http`
 * that sends the same page by `JSON.stringify` from memory. Goal: at least 0.7 of its rate.
 *
 *     npx node test/bench/rest.ts
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { readConfig } from '../../src/config.ts'
import { start } from '../../src/main.ts'
import { createLog } from '../../src/observe/log.ts'
import { createApi } from '../support/api.ts'
import { secret, temporaryFolder, tokenFor } from '../support/process.ts'
import { markdownTable, median } from './figures.ts'

const connections = 32
const seconds = 3
const rounds = 5
const messages = 50

/** What a server tells its parent once it listens: where, and the path of the page. */
interface Ready {
  url: string
  path: string
  token: string
}

interface Figures {
  perSecond: number
  /** Of the server's CPU. */
  cpuUs: number
  /** Of one core that the load generator took. */
  ownShare: number
}

const servers: Record<string, () => Promise<Ready>> = {
  async ours() {
    const folder = temporaryFolder()
    process.on('exit', () => folder[Symbol.dispose]())
    const config = readConfig({
      PORT: '0',
      DATA_DIR: folder.path,
      JWT_SECRET: secret,
      RATE_LIMIT_REQUESTS: '0',
      RATE_LIMIT_MESSAGES: '0',
    })
    const log = createLog({ level: 'info', format: 'json', write: (text) => process.stdout.write(text) })
    const { url } = await start(config, {
      log,
      onFatal(error) {
        throw error
      },
    })
    const token = await tokenFor('alice')
    const api = createApi(url + config.apiPrefix, token)
    const { id } = await api.createGroup('Bench', ['bob'])
    for (let i = 0; i < messages; i++) await api.send(id, `${i} `.padEnd(100, 'x'))
    return { url, token, path: `${config.apiPrefix}/groups/${id}/messages?page_size=${messages}` }
  },

  async bare() {
    const { url, token, path } = JSON.parse(process.argv[3] ?? '{}') as Ready
    const response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })
    const page: unknown = await response.json()
    const server = createServer((_request, response) => {
      const body = JSON.stringify(page)
      response.writeHead(200, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
      })
      response.end(body)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token, path }
  },
}

/** Starts a server in a process of its own, its log thrown away. */
async function spawn(name: string, beside?: Ready): Promise<{ child: ChildProcess; ready: Ready }> {
  const child = fork(import.meta.filename, [name, JSON.stringify(beside)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [ready] = (await once(child, 'message')) as [Ready]
  return { child, ready }
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu')
  const [us] = (await once(child, 'message')) as [number]
  return us
}

/** Keeps one request under way on each connection. */
async function load({ url, path, token }: Ready, ms: number): Promise<number> {
  const { hostname, port, host } = new URL(url)
  const request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`
  let answered = 0
  let running = true
  const one = async () => {
    const socket = connect(Number(port), hostname)
    await once(socket, 'connect')
    let left = 0
    socket.on('data', (chunk) => {
      if (left === 0) left = lengthOf(chunk)
      left -= chunk.length
      if (left > 0) return
      answered++
      if (running) socket.write(request)
      else socket.end()
    })
    socket.write(request)
    await once(socket, 'close')
  }
  setTimeout(() => {
    running = false
  }, ms)
  await Promise.all(Array.from({ length: connections }, one))
  return answered
}

/** Bytes of the whole answer that begins with this chunk. */
function lengthOf(chunk: Buffer): number {
  const head = chunk.indexOf('\r\n\r\n')
  const text = chunk.toString('latin1', 0, head)
  const length = /^content-length: (\d+)/im.exec(text)?.[1]
  if (!text.startsWith('HTTP/1.1 200') || length === undefined) throw new Error(text)
  return head + 4 + Number(length)
}

async function measure({ child, ready }: { child: ChildProcess; ready: Ready }): Promise<Figures> {
  await load(ready, 300)
  const [cpu, own, startedAt] = [await cpuOf(child), process.cpuUsage(), performance.now()]
  const answered = await load(ready, seconds * 1_000)
  const us = (performance.now() - startedAt) * 1_000
  const { user, system } = process.cpuUsage(own)
  return {
    perSecond: answered / (us / 1e6),
    cpuUs: ((await cpuOf(child)) - cpu) / answered,
    ownShare: (user + system) / us,
  }
}

async function compare(): Promise<string> {
  const ours = await spawn('ours')
  const bare = await spawn('bare', ours.ready)
  const runs: { ours: Figures; bare: Figures }[] = []
  try {
    for (let i = 0; i < rounds; i++) runs.push({ ours: await measure(ours), bare: await measure(bare) })
  } finally {
    ours.child.kill()
    bare.child.kill()
  }
  const row = (name: string, of: 'ours' | 'bare') => [
    name,
    median(runs.map((run) => run[of].perSecond)).toFixed(0),
    median(runs.map((run) => run[of].cpuUs)).toFixed(1),
    median(runs.map((run) => run[of].ownShare)).toFixed(2),
  ]
  const rate = median(runs.map((run) => run.ours.perSecond / run.bare.perSecond))
  const cpu = median(runs.map((run) => run.bare.cpuUs / run.ours.cpuUs))
  return markdownTable(
    [
      `page of ${messages}, ${connections} connections, median of ${rounds}`,
      'requests/s',
      'server CPU µs',
      'load generator, cores',
    ],
    [
      row('chat-api on SQLite', 'ours'),
      row('bare node:http, JSON.stringify', 'bare'),
      ['ratio of rates (goal >= 0.7), of CPU', rate.toFixed(2), cpu.toFixed(2), ''],
    ],
  )
}

const serve = servers[process.argv[2] ?? '']
if (serve) {
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.(user + system)
  })
  process.on('SIGTERM', () => process.exit(0))
  process.send?.(await serve())
} else process.stdout.write(`${await compare()}\n`)
