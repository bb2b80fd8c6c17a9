/** GET of a page of 50 messages, 32 connections: the rate, beside bare node:http and the FastAPI way. */
import { markdownTable, median } from './figures.ts'
import { get, type RestRun, runRequests } from './load-requests.ts'
import { hasPython, type PeerName } from './peers/start.ts'

const rounds = 3

export async function rest(): Promise<string> {
  const names: PeerName[] = ['ours', 'node:http', ...(hasPython() ? ['FastAPI' as const] : [])]
  const runs = new Map(names.map((name) => [name, [] as RestRun[]]))
  for (let round = 0; round < rounds; round++)
    for (const [name, list] of runs)
      list.push(await runRequests(name, 3, (path, token) => get(`${path}?page_size=50`, token)))
  const of = (name: PeerName) => runs.get(name) ?? []
  const rows = names.map((name) => [
    name,
    median(of(name).map((run) => run.perSecond)).toFixed(0),
    median(of('ours').map((run, i) => run.perSecond / (of(name)[i]?.perSecond ?? 0))).toFixed(2),
    median(of(name).map((run) => run.cpuPerRequest)).toFixed(0),
    `${median(of(name).map((run) => run.p99)).toFixed(1)} ms`,
    `${(100 * median(of(name).map((run) => run.ownShare))).toFixed(0)}%`,
  ])
  const head = [
    'GET messages?page_size=50',
    'requests/s',
    'ours to it',
    'CPU µs',
    'p99',
    'load generator, of a core',
  ]
  return `${markdownTable(head, rows)}\n\nGoals: at least 0.7 of bare node:http, at least 5 times FastAPI.`
}
