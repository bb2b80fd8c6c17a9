import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Job, Opened, Result } from './load.ts'
import { makeRoom, type PeerName, startPeer } from './peers/start.ts'

/** What one run of one server showed. */
export interface Run extends Result, Opened {
  /** Of the server, all threads. */
  readonly cpuSeconds: number
  /** Microseconds of the server's CPU for one message to one socket; the same as CPU seconds per million deliveries. */
  readonly cpuPerDelivery: number
  /** Of the server, with all sockets open and nothing going on, beyond what it was without them. */
  readonly bytesPerSocket: number
}

type Task = Omit<Job, 'port' | 'paths' | 'wire'> & {
  readonly sockets: number
  /** So many sockets come and go before anything is measured. */
  readonly warmUp?: number
}

/** Starts the server and the load generator, lets them run, and ends both. */
export async function runLoad(name: PeerName, { sockets, warmUp = 0, ...task }: Task): Promise<Run> {
  const peer = await startPeer(name)
  try {
    const { paths } = await makeRoom(name, peer, sockets)
    const job: Job = { ...task, port: peer.port, wire: peer.wire, paths }
    if (warmUp) {
      const first = startLoad({ ...job, paths: paths.slice(0, warmUp) })
      await first.next()
      await first.end()
      await sleep(1_000)
    }
    const before = await peer.residentBytes()
    const load = startLoad(job)
    try {
      const opened = (await load.next()) as Opened
      const bytesPerSocket = ((await peer.residentBytes()) - before) / sockets
      const startCpu = await peer.cpuSeconds()
      load.go()
      const result = (await load.next()) as Result
      const cpuSeconds = (await peer.cpuSeconds()) - startCpu
      const cpuPerDelivery = (cpuSeconds / result.deliveries) * 1e6
      return { ...opened, ...result, cpuSeconds, cpuPerDelivery, bytesPerSocket }
    } finally {
      await load.end()
    }
  } finally {
    await peer.stop()
  }
}

function startLoad(job: Job) {
  const child = fork(join(import.meta.dirname, 'load.ts'))
  const gone = once(child, 'exit')
  child.send(job)
  return {
    async next(): Promise<unknown> {
      const early = gone.then(() => {
        throw new Error('the load generator ended before its time')
      })
      const [message] = await Promise.race([once(child, 'message'), early])
      return message
    },
    go: () => child.send('go'),
    async end() {
      if (child.connected) child.disconnect()
      await gone
    },
  }
}

/** Runs ours and each peer in turn, `rounds` times, so that what else the machine does hits all alike. */
export async function alternate(
  names: readonly PeerName[],
  rounds: number,
  task: Task,
): Promise<Map<PeerName, Run[]>> {
  const runs = new Map<PeerName, Run[]>(names.map((name) => [name, []]))
  for (let round = 0; round < rounds; round++)
    for (const [name, list] of runs) {
      list.push(await runLoad(name, task))
      process.stderr.write(`${name}: ${JSON.stringify(list.at(-1))}\n`)
    }
  return runs
}
