/** POST of a message, 32 senders in one group, each message durable before its answer. */
import { markdownTable, median } from './figures.ts'
import { post, type RestRun, runRequests } from './load-requests.ts'

const rounds = 3

export async function send(): Promise<string> {
  const runs: RestRun[] = []
  const message = { content: 'x'.repeat(100) }
  for (let round = 0; round < rounds; round++)
    runs.push(await runRequests('ours', 3, (path, token) => post(path, token, message)))
  const of = (figure: (run: RestRun) => number) => median(runs.map(figure))
  const head = ['POST messages, 32 senders', 'messages/s', 'CPU µs', 'p50', 'p99']
  const row = [
    ...['ours', of((run) => run.perSecond).toFixed(0), of((run) => run.cpuPerRequest).toFixed(0)],
    ...[`${of((run) => run.p50).toFixed(1)} ms`, `${of((run) => run.p99).toFixed(1)} ms`],
  ]
  return markdownTable(head, [row])
}
