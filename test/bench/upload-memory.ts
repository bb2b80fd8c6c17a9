import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { startMongo } from '../mongo/server.ts'
import { apiOf, tokenOf } from '../support/api.ts'
import { spawnService, temporaryFolder } from '../support/process.ts'

/**
 * How much memory ten uploads of 25 MiB take at once, on lines of 1 MiB/s each, and ten downloads on the same lines. `node
 * test/bench/upload-memory.ts [mongodb]`
 */

const MiB = 1024 * 1024
const files = 10
const size = 25 * MiB
const perSecond = MiB
const bound = 32

await using undo = new AsyncDisposableStack()
const folder = undo.use(temporaryFolder())
const env: Record<string, string> = {}
if (process.argv[2] === 'mongodb') {
  const mongo = await startMongo()
  undo.defer(() => mongo.stop())
  Object.assign(env, { MONGODB_URL: mongo.url, DATABASE_NAME: mongo.newDatabase() })
}
const service = await spawnService(folder.path, env)
undo.defer(async () => void (await service.end('SIGTERM')))

const residentMiB = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${service.child.pid}/status`, 'utf8'))?.[1]) / 1024

/** The most that is resident while the work is under way. */
async function most(work: Promise<unknown>): Promise<number> {
  let highest = residentMiB()
  let isOver = false
  const watching = (async () => {
    while (!isOver) {
      highest = Math.max(highest, residentMiB())
      await sleep(20)
    }
  })()
  await work.finally(() => {
    isOver = true
  })
  await watching
  return highest
}

const api = apiOf(service.url, 'ann')
const group = await api.createGroup('files', ['ann'])
const headers = { authorization: `Bearer ${await tokenOf('ann')}` }
const piece = randomBytes(64 * 1024)
const pauseMs = (1_000 * piece.length) / perSecond

const upload = (bytes: number) =>
  new Promise<string>((resolve, reject) => {
    const asked = request(
      `${service.url}/api/chat/groups/${group.id}/files`,
      { method: 'POST', headers: { ...headers, 'content-length': bytes } },
      (answer) => {
        let text = ''
        answer.on('data', (chunk) => (text += chunk))
        answer.on('end', () => (answer.statusCode === 201 ? resolve(JSON.parse(text).url) : reject(text)))
      },
    )
    asked.on('error', reject)
    const send = async () => {
      for (let left = bytes; left > 0; left -= piece.length) {
        asked.write(piece.subarray(0, Math.min(left, piece.length)))
        await sleep(pauseMs)
      }
      asked.end()
    }
    send().catch(reject)
  })

const download = (url: string) =>
  new Promise<void>((resolve, reject) => {
    const asked = request(service.url + url, { headers }, async (answer) => {
      let length = 0
      for await (const chunk of answer) {
        length += chunk.length
        await sleep((1_000 * chunk.length) / perSecond)
      }
      if (length === size) resolve()
      else reject(new Error(`${length} bytes`))
    })
    asked.on('error', reject)
    asked.end()
  })

const all = <T>(work: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: files }, work))

// What the first ones make the process load is no part of it.
for (const _ of [1, 2, 3]) await Promise.all((await all(() => upload(MiB))).map(() => sleep(1)))
const before = residentMiB()
const urls: string[] = []
const uploads = await most(all(async () => void urls.push(await upload(size))))
const between = residentMiB()
const downloads = await most(Promise.all(urls.map(download)))
const told = (from: number, to: number) =>
  `${from.toFixed(0)} -> ${to.toFixed(0)} MiB (+${(to - from).toFixed(0)})`
process.stdout.write(`${files} uploads of 25 MiB at once: ${told(before, uploads)}\n`)
process.stdout.write(`${files} downloads of 25 MiB at once: ${told(between, downloads)}\n`)
if (uploads - before > bound || downloads - between > bound) process.exitCode = 1
