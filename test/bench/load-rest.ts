/** Requests over kept connections, each its next when the last is answered; a process of its own. */
import { connect } from 'node:net'

export interface RestJob {
  readonly port: number
  readonly connections: number
  readonly seconds: number
  /** One request, whole: sent again and again. */
  readonly request: string
}

export interface RestResult {
  readonly requests: number
  readonly seconds: number
  readonly ownShare: number
  readonly p50: number
  readonly p99: number
}

const shared = Buffer.allocUnsafe(256 * 1024)

/** Calls back at each answer's end. An answer of another status than 2xx is an error. */
function readAnswers(onAnswer: () => void): (chunk: Buffer) => void {
  let head = ''
  let left = 0
  return (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      if (left === 0) {
        head += chunk.toString('latin1', at)
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) return
        if (!head.startsWith('HTTP/1.1 2')) throw new Error(head.slice(0, 500))
        at = chunk.length - (head.length - end - 4)
        left = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
        head = ''
      }
      const step = Math.min(left, chunk.length - at)
      left -= step
      at += step
      if (left === 0) onAnswer()
    }
  }
}

async function run({ port, connections, seconds, request }: RestJob): Promise<RestResult> {
  const bytes = Buffer.from(request)
  const times: number[] = []
  let over = false
  const start = performance.now()
  const cpu = process.cpuUsage()
  const one = () =>
    new Promise<void>((resolve) => {
      let sentAt = 0
      const next = () => {
        sentAt = performance.now()
        socket.write(bytes)
      }
      const read = readAnswers(() => {
        times.push(performance.now() - sentAt)
        if (!over) return next()
        socket.destroy()
        resolve()
      })
      const callback = (length: number, buffer: Uint8Array) => {
        read((buffer as Buffer).subarray(0, length))
        return true
      }
      const socket = connect(
        { port, host: '127.0.0.1', noDelay: true, onread: { buffer: shared, callback } },
        next,
      )
    })
  setTimeout(() => {
    over = true
  }, seconds * 1_000)
  await Promise.all(Array.from({ length: connections }, one))
  const { user, system } = process.cpuUsage(cpu)
  const took = (performance.now() - start) / 1_000
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN
  const ownShare = (user + system) / 1e6 / took
  return { requests: times.length, seconds: took, ownShare, p50: at(0.5), p99: at(0.99) }
}

process.on('disconnect', () => process.exit())
process.on('message', async (job: RestJob) => process.send?.(await run(job)))
