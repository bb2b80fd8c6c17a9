/** CPU of the server for one message to one socket: one group, sent as fast as it is heard, messages of 100 characters. */
import { markdownTable, median } from './figures.ts'
import { alternate } from './load-run.ts'
import { hasPython, type PeerName } from './peers/start.ts'

const rounds = 3
const seconds = 4
/** How many times less than plain ws we are to take. */
const goals = new Map([
  [100, 8],
  [1_000, 16],
])

export async function fanout(): Promise<string> {
  const names: PeerName[] = [
    'ours',
    'plain ws',
    'Socket.IO',
    'floor',
    ...(hasPython() ? ['FastAPI' as const] : []),
  ]
  const tables: string[] = []
  for (const [sockets, goal] of goals) {
    const task = { sockets, content: 100, senders: 4, seconds, pace: { inFlight: 256 } }
    const runs = await alternate(names, rounds, task)
    const of = (name: PeerName) => runs.get(name) ?? []
    const rows = names.map((name) => [
      name,
      median(of(name).map((run) => run.cpuPerDelivery)).toFixed(2),
      Math.round(median(of(name).map((run) => run.deliveries / run.seconds))).toLocaleString('en'),
      median(of(name).map((run, i) => run.cpuPerDelivery / (of('ours')[i]?.cpuPerDelivery ?? 0))).toFixed(1),
      `${(100 * median(of(name).map((run) => run.ownShare))).toFixed(0)}%`,
    ])
    const head = [
      `${sockets} listeners`,
      'CPU µs per delivery',
      'deliveries/s',
      'times ours',
      'load generator, of a core',
    ]
    tables.push(`${markdownTable(head, rows)}\n\nGoal: plain ws takes at least ${goal} times ours.`)
  }
  return tables.join('\n\n')
}
