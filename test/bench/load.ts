/**
 * The load generator, a process of its own that takes its job from its parent. It says `ready` when all sockets are open
 * and quiet, begins with `go`, and answers with a Result.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type LoadSocket, messageFrame, openLoadSocket, type Wire } from './load-socket.ts'

export interface Job {
  readonly port: number
  /** One socket each. The first `senders` send. */
  readonly paths: readonly string[]
  readonly wire: Wire
  /** Characters of a message. */
  readonly content: number
  readonly senders: number
  readonly seconds: number
  /** Messages sent and not yet heard by the last socket; or messages a second, whatever is heard; or nothing is sent. */
  readonly pace: { inFlight: number } | { perSecond: number } | 'idle'
}

export interface Opened {
  /** Sockets opened in a second, 32 at a time. */
  readonly connectsPerSecond: number
}

export interface Result {
  readonly messages: number
  /** Every socket heard every message: else the run has failed. */
  readonly deliveries: number
  readonly seconds: number
  /** The generator's own: its CPU seconds by the seconds of the run. */
  readonly ownShare: number
  /** Milliseconds from the sending to each socket's hearing; only at a given pace. */
  readonly latency: { readonly p50: number; readonly p99: number } | null
}

/** Opened at the same time. */
const opening = 32
const quietMs = 2_500
const warmUpSeconds = 3

async function open(job: Job): Promise<LoadSocket[]> {
  const sockets: LoadSocket[] = []
  let next = 0
  const one = async () => {
    for (;;) {
      const index = next++
      const path = job.paths[index]
      if (path === undefined) return
      sockets[index] = await openLoadSocket(job.port, path, job.wire, () => onHeard(index))
    }
  }
  await Promise.all(Array.from({ length: opening }, one))
  return sockets
}

let onHeard = (_index: number): void => {}

/** Resolves when nobody has heard anything for a while: comings have been told. */
async function quiet(sockets: readonly LoadSocket[]): Promise<void> {
  const sum = () => sockets.reduce((total, { heard }) => total + heard.count, 0)
  for (let before = -1; before !== sum(); await sleep(quietMs)) before = sum()
}

async function run(job: Job, sockets: readonly LoadSocket[]): Promise<Result> {
  const frame = messageFrame(job.wire, job.content)
  const senders = sockets.slice(0, job.senders)
  const listeners = sockets.slice(job.senders)
  for (const { heard } of sockets) heard.count = 0
  const start = performance.now()
  const cpu = process.cpuUsage()
  const sentAt: number[] = []
  const latencies: number[] = []
  let sent = 0
  const send = () => {
    sentAt.push(performance.now())
    senders[sent++ % senders.length]?.socket.write(frame)
  }

  let over = false
  if (job.pace !== 'idle' && 'inFlight' in job.pace) {
    const { inFlight } = job.pace
    const pacer = sockets.length - 1
    const fill = () => {
      const heard = sockets[pacer]?.heard.count ?? 0
      while (!over && sent - heard < inFlight) send()
    }
    onHeard = (index) => index === pacer && fill()
    fill()
    await sleep(job.seconds * 1_000)
  } else if (job.pace !== 'idle') {
    const told = sockets.map(() => 0)
    onHeard = (index) => {
      const now = performance.now()
      const heard = sockets[index]?.heard.count ?? 0
      for (let n = told[index] ?? 0; n < heard && index >= job.senders; n++)
        latencies.push(now - (sentAt[n] ?? now))
      told[index] = heard
    }
    const total = job.pace.perSecond * job.seconds
    for (let n = 0; n < total; n++) {
      await sleep(Math.max(0, start + (n * 1_000) / job.pace.perSecond - performance.now()))
      send()
    }
  }
  over = true
  const deadline = performance.now() + 30_000
  while (listeners.some(({ heard }) => heard.count < sent)) {
    if (performance.now() > deadline) throw new Error('not every socket heard every message')
    await sleep(5)
  }
  if (listeners.some(({ heard }) => heard.count !== sent)) throw new Error('a message was heard twice')
  const seconds = (performance.now() - start) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN
  return {
    messages: sent,
    deliveries: sent * sockets.length,
    seconds,
    ownShare: (user + system) / 1e6 / seconds,
    latency: latencies.length ? { p50: at(0.5), p99: at(0.99) } : null,
  }
}

const tell = (message: object) => process.send?.(message)

process.on('disconnect', () => process.exit())
process.once('message', async (job: Job) => {
  const start = performance.now()
  const sockets = await open(job)
  const opened: Opened = { connectsPerSecond: (sockets.length * 1_000) / (performance.now() - start) }
  await quiet(sockets)
  // What is sent at leisure runs code that is seldom run: it is compiled first, as in a service that has been up for a while.
  if (job.pace !== 'idle' && 'perSecond' in job.pace)
    await run({ ...job, seconds: warmUpSeconds, pace: { inFlight: 16 } }, sockets)
  process.once('message', async () => tell(await run(job, sockets)))
  tell(opened)
})
