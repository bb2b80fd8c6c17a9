/** What 5,000 idle sockets cost, and how fast they come. */
import { markdownTable, median } from './figures.ts'
import { alternate } from './load-run.ts'
import type { PeerName } from './peers/start.ts'

const rounds = 3
const names: PeerName[] = ['ours', 'plain ws', 'verifying ws', 'Socket.IO']

export async function memory(): Promise<string> {
  const task = { sockets: 5_000, content: 100, senders: 0, seconds: 0, pace: 'idle' as const, warmUp: 1_000 }
  const runs = await alternate(names, rounds, task)
  const of = (name: PeerName) => runs.get(name) ?? []
  const ratio = (name: PeerName, figure: 'bytesPerSocket' | 'connectsPerSecond') =>
    median(of('ours').map((run, i) => run[figure] / (of(name)[i]?.[figure] ?? 0))).toFixed(2)
  const rows = names.map((name) => [
    name === 'verifying ws' ? 'plain ws that verifies the tokens' : name,
    `${(median(of(name).map((run) => run.bytesPerSocket)) / 1_024).toFixed(1)} KiB`,
    ratio(name, 'bytesPerSocket'),
    median(of(name).map((run) => run.connectsPerSecond)).toFixed(0),
    ratio(name, 'connectsPerSecond'),
  ])
  const head = ['5,000 idle sockets', 'memory per socket', 'ours to it', 'connects/s', 'ours to it']
  return `${markdownTable(head, rows)}

Goals: memory at most 1.15 of plain ws; connects/s at least 0.8 of plain ws, the token verified.`
}
