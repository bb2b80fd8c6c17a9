import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createApi } from '../../support/api.ts'
import { tokenFor } from '../../support/process.ts'
import type { Wire } from '../load-socket.ts'

/** A server under measurement, as a process of its own. */
export interface Peer {
  readonly port: number
  readonly wire: Wire
  /** User and system, of all its threads, since it started. */
  cpuSeconds(): Promise<number>
  /** Bytes resident, after a garbage collection where there is one. */
  residentBytes(): Promise<number>
  stop(): Promise<void>
}

/** `verifying ws`: plain ws that checks the same tokens. */
export type PeerName =
  | 'ours'
  | 'ours without search'
  | 'plain ws'
  | 'verifying ws'
  | 'Socket.IO'
  | 'floor'
  | 'node:http'
  | 'FastAPI'

const files: Record<Exclude<PeerName, 'FastAPI'>, string> = {
  ours: 'ours.ts',
  'ours without search': 'ours.ts',
  'plain ws': 'plain-ws.ts',
  'verifying ws': 'plain-ws.ts',
  'Socket.IO': 'socket-io.ts',
  floor: 'floor.ts',
  'node:http': 'node-http.ts',
}
const python = join(import.meta.dirname, '../.venv/bin/python')

/** Whether the Python original's way can be measured. If not, it is said aloud. */
export function hasPython(): boolean {
  if (existsSync(python)) return true
  process.stderr.write(
    'FastAPI is SKIPPED: its Python packages are missing. To measure it too: npm run bench -- python\n',
  )
  return false
}

export const startPeer = (name: PeerName): Promise<Peer> =>
  name === 'FastAPI' ? startPython() : startNode(name)

async function startNode(name: keyof typeof files): Promise<Peer> {
  const child = fork(join(import.meta.dirname, files[name]), {
    execArgv: ['--expose-gc', ...(process.env.BENCH_NODE_OPTIONS?.split(' ') ?? [])],
    env: {
      ...process.env,
      ...(name === 'verifying ws' && { VERIFY_TOKENS: '1' }),
      ...(name === 'ours without search' && { SEARCH: 'off' }),
    },
  })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  const ask = async (what: 'collect' | 'cpu') => {
    child.send(what)
    const [answer] = (await once(child, 'message')) as [{ cpuSeconds: number }]
    return answer
  }
  return {
    port,
    wire: name === 'Socket.IO' ? 'socket.io' : 'chat',
    cpuSeconds: async () => (await ask('cpu')).cpuSeconds,
    async residentBytes() {
      await ask('collect')
      return residentOf(child)
    },
    async stop() {
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}

async function startPython(): Promise<Peer> {
  const child = spawn(python, [join(import.meta.dirname, 'fastapi_way.py')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  return {
    port: Number(line),
    wire: 'chat',
    // Of /proc/PID/stat, in ticks of 10 ms.
    async cpuSeconds() {
      const [user, system] = statOf(child).split(' ').slice(11, 13)
      return (Number(user) + Number(system)) / 100
    },
    residentBytes: async () => residentOf(child),
    async stop() {
      const gone = once(child, 'exit')
      child.kill()
      await gone
    },
  }
}

/** What follows the process's name, which may hold blanks. */
const statOf = ({ pid }: ChildProcess): string =>
  readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /, '')

const residentOf = ({ pid }: ChildProcess): number =>
  Number(/^Rss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1]) * 1_024

export const isOurs = (name: PeerName): boolean => name.startsWith('ours')

/** A group of ours with as many members; for other peers any path will do. */
export interface Room {
  readonly groupId: string
  /** A token each. */
  readonly tokens: readonly string[]
  /** A socket's path each. */
  readonly paths: readonly string[]
}

export const prefix = '/api/chat'

/** Makes a room for `members` sockets, each of a user of its own. */
export async function makeRoom(name: PeerName, { port }: Peer, members: number): Promise<Room> {
  const users = Array.from({ length: members }, (_, i) => `user${i}`)
  const tokens = await Promise.all(users.map((user) => tokenFor(user)))
  const base = `http://127.0.0.1:${port}${prefix}`
  const groupId = isOurs(name)
    ? (await createApi(base, { token: tokens[0] ?? '' }).createGroup('bench', users)).id
    : '0'.repeat(24)
  const path = name === 'Socket.IO' ? '/socket.io/?EIO=4&transport=websocket&' : `${prefix}/ws/${groupId}?`
  return { groupId, tokens, paths: tokens.map((token) => `${path}token=${token}`) }
}
