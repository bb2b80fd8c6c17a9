/**
 * What metrics cost: CPU of the whole service per request (a page of 50 messages, and a send), with all metrics and with
 * recording switched off, two processes that take turns under the same load. Goal: below 3 %. And what watching the
 * process (event-loop delay, garbage collection, samples for the pictures) takes while nothing happens.
 *
 *     npx node test/bench/metrics.ts
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMetrics, type Metrics } from '../../src/observe/metrics.ts'
import { createRuntime } from '../../src/observe/runtime.ts'
import { baseOf, createApi } from '../support/api.ts'
import { temporaryFolder, tokenFor } from '../support/process.ts'
import { markdownTable, median } from './figures.ts'
import { startHere } from './service.ts'

const rounds = 40
const requestsPerTurn = 1_500
const connections = 16

interface Ready {
  url: string
  groupId: string
}

/** Counts nothing. */
const silent = (): Metrics => ({
  ...createMetrics(Date.now),
  request() {},
  storeOperation() {},
  packet() {},
  socket() {},
  frame() {},
  send() {},
})

async function serve(mode: string): Promise<void> {
  const folder = temporaryFolder()
  process.on('exit', () => folder[Symbol.dispose]())
  const options = mode === 'without' ? { metrics: silent() } : {}
  const service = await startHere(folder.path, {}, options)
  const base = baseOf(service.url)
  const api = createApi(base, { token: await tokenFor('ann') })
  const { id } = await api.createGroup('Bench', [])
  for (let i = 0; i < 50; i++) await api.send(id, 'x'.repeat(100))
  process.on('message', () => process.send?.(cpuMs()))
  process.on('disconnect', () => process.exit())
  process.send?.({ url: base, groupId: id } satisfies Ready)
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

interface Side {
  child: ChildProcess
  ready: Ready
  agent: Agent
}

async function open(mode: string): Promise<Side> {
  const child = fork(import.meta.filename, [mode])
  const [ready] = (await once(child, 'message')) as [Ready]
  return { child, ready, agent: new Agent({ keepAlive: true, maxSockets: connections }) }
}

const load = {
  async page({ ready, agent }: Side, token: string) {
    await ask(agent, token, 'GET', `${ready.url}/groups/${ready.groupId}/messages?page_size=50`)
  },
  async send({ ready, agent }: Side, token: string) {
    await ask(agent, token, 'POST', `${ready.url}/groups/${ready.groupId}/messages`, '{"content":"hello"}')
  },
}

function ask(agent: Agent, token: string, method: string, url: string, body?: string): Promise<void> {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(body && { 'content-type': 'application/json', 'content-length': body.length }),
  }
  return new Promise((resolve, reject) => {
    request(url, { agent, method, headers }, (response) => {
      response.on('end', resolve).resume()
    })
      .on('error', reject)
      .end(body)
  })
}

/** CPU microseconds of the service for each request of one turn. */
async function turn(side: Side, kind: keyof typeof load, token: string): Promise<number> {
  const before = await cpuOf(side.child)
  let left = requestsPerTurn
  const worker = async () => {
    while (left-- > 0) await load[kind](side, token)
  }
  await Promise.all(Array.from({ length: connections }, worker))
  return (1_000 * ((await cpuOf(side.child)) - before)) / requestsPerTurn
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu')
  const [ms] = (await once(child, 'message')) as [number]
  return ms
}

async function compare(): Promise<void> {
  const token = await tokenFor('ann')
  const sides = { with: await open('with'), without: await open('without') }
  const rows: string[][] = []
  for (const kind of ['page', 'send'] as const) {
    for (const side of Object.values(sides)) for (let i = 0; i < 4; i++) await turn(side, kind, token)
    const withMetrics: number[] = []
    const without: number[] = []
    for (let round = 0; round < rounds; round++) {
      // Who goes first changes, so that neither has the warmer machine.
      const order = round % 2 ? (['without', 'with'] as const) : (['with', 'without'] as const)
      for (const mode of order)
        (mode === 'with' ? withMetrics : without).push(await turn(sides[mode], kind, token))
    }
    const ratios = withMetrics.map((us, i) => us / (without[i] ?? Number.NaN))
    const us = (values: number[]) => `${median(values).toFixed(1)} µs`
    rows.push([kind, us(withMetrics), us(without), `${(100 * (median(ratios) - 1)).toFixed(1)} %`])
  }
  for (const { child, agent } of Object.values(sides)) {
    agent.destroy()
    child.disconnect()
  }
  process.stdout.write(
    `${markdownTable(['CPU per request', 'with metrics', 'without', 'cost (median of pairs)'], rows)}\n\n`,
  )
  process.stdout.write(`Watching an idle process: ${(await idleShare()).toFixed(2)} % of a core\n`)
}

/** What watching adds to a process that does nothing, in percent of a core. */
async function idleShare(): Promise<number> {
  const share = async () => {
    const [cpu, at] = [cpuMs(), performance.now()]
    await sleep(3_000)
    return (100 * (cpuMs() - cpu)) / (performance.now() - at)
  }
  const alone = await share()
  const runtime = createRuntime()
  const watched = await share()
  runtime.stop()
  return watched - alone
}

/** The recording of one request by itself: what the hot path runs, a million times. */
function recording(): string {
  const metrics = createMetrics(Date.now)
  const finished = {
    method: 'GET',
    path: '/api/chat/groups',
    route: 'groups.list',
    status: 200,
    userId: 'ann',
    correlationId: 'id',
    failure: null,
  }
  const times = 1_000_000
  const run = () => {
    const start = performance.now()
    for (let i = 0; i < times; i++) metrics.request({ ...finished, durationMs: (i % 997) / 10 })
    return (1e6 * (performance.now() - start)) / times
  }
  run()
  return `Recording one request: ${run().toFixed(0)} ns\n`
}

if (process.argv[2]) await serve(process.argv[2])
else {
  process.stdout.write(recording())
  await compare()
}
