import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { MessageView } from '../../src/domain/message.ts'
import { createApi } from './api.ts'
import { tokenFor } from './process.ts'

export interface ChaosPlan {
  /** Bases of all instances; every connection goes to a random one. */
  readonly bases: readonly string[]
  readonly groups: number
  readonly clientsPerGroup: number
  /** Each client's connection is cut off so many times in the middle of something. */
  readonly cuts: number
  /** Each client sends so many messages, spread over its cuts, and each message again until it is acknowledged. */
  readonly sends: number
}

/** How often each thing happened. */
export type ChaosCounts = Record<string, number>

/**
 * One client, with what it heard over all its connections, and what it still has to send. It is not the socket client
 * of the other tests, because it connects again by itself, and does not keep its thousands of frames.
 */
interface ChaosClient {
  readonly heard: readonly MessageView[]
  /** What went wrong, noted as soon as it happened. */
  readonly complaints: readonly string[]
  readonly isUp: boolean
  /** True when it has been cut off often enough, and everything it sent was acknowledged. */
  readonly isDone: boolean
  /** Lets the client send, and be cut off. */
  begin(): void
  close(): void
}

interface Person {
  readonly name: string
  readonly token: string
  readonly groupId: string
}

interface Frame {
  readonly type: string
  readonly cursor?: string
  readonly reason?: string
  readonly code?: string
  readonly retry_after_ms?: number
  readonly message?: MessageView
}

/** When nothing at all moved for so many milliseconds, it never will. */
const stuckAfterMs = 60_000

function createClient(
  { bases, cuts, sends }: ChaosPlan,
  { name, token, groupId }: Person,
  count: (what: string) => void,
): ChaosClient {
  const heard: MessageView[] = []
  const complaints: string[] = []
  let cursor: string | undefined
  let ws: WebSocket
  let acknowledged = 0
  let cutsLeft = cuts
  let isUp = false
  let begun = false
  let closed = false

  function dial(): void {
    const base = (bases[randomInt(bases.length)] ?? '').replace(/^http/, 'ws')
    const after = cursor === undefined ? '' : `&after=${cursor}`
    ws = new WebSocket(`${base}/ws/${groupId}?token=${token}${after}`, { perMessageDeflate: false })
    ws.on('message', (data: Buffer) => receive(data))
    // The event `close` tells all that the client needs to know.
    ws.on('error', (error) => closed || count(error.message))
    ws.on('close', () => closed || setTimeout(dial, randomInt(20)))
  }

  /** How many messages it should have sent by now, so that there is something to miss at every cut. */
  const due = () => 1 + Math.floor((sends - 1) * (cuts ? 1 - cutsLeft / cuts : 1))

  /** Sends the next message, or once more the one whose acknowledgement was lost. */
  function send(): void {
    if (!begun || acknowledged >= due() || ws.readyState !== WebSocket.OPEN) return
    const key = `${name}-${acknowledged}`
    ws.send(JSON.stringify({ type: 'message', content: key, client_id: key }))
    count('messages sent')
  }

  function cutSoon(): void {
    if (!begun || cutsLeft === 0) return
    const cut = ws
    setTimeout(() => {
      if (cut.readyState !== WebSocket.OPEN) return
      cutsLeft--
      count('cuts')
      cut.terminate()
    }, randomInt(60))
  }

  function receive(data: Buffer): void {
    // Most frames tell who came and went.
    if (data.subarray(0, 24).includes('user_') || data.subarray(0, 24).includes('presence')) return
    const frame = JSON.parse(data.toString()) as Frame
    if (frame.cursor !== undefined && frame.type !== 'connected') cursor = frame.cursor
    switch (frame.type) {
      case 'connected':
        cursor ??= frame.cursor
        isUp = true
        send()
        return cutSoon()
      case 'ack':
        acknowledged++
        count('acknowledged')
        return send()
      case 'new_message':
        return hear(frame.message as MessageView)
      case 'resync':
        return void complaints.push(`told to fetch again: ${frame.reason}`)
      case 'error':
        count(`error ${frame.code}`)
        if (frame.code !== 'unavailable') complaints.push(`refused: ${data}`)
        return void setTimeout(send, frame.retry_after_ms ?? 1_000)
    }
  }

  function hear(message: MessageView): void {
    if (message.seq !== heard.length + 1) complaints.push(`${message.seq} came after ${heard.length}`)
    heard.push(message)
    count('heard')
  }

  dial()
  return {
    heard,
    complaints,
    get isUp() {
      return isUp
    },
    get isDone() {
      return cutsLeft === 0 && acknowledged === sends
    },
    begin() {
      begun = true
      send()
      cutSoon()
    },
    close() {
      closed = true
      ws.terminate()
    },
  }
}

/**
 * Lets many clients send while every one of them is cut off again and again. Throws unless each heard exactly the log of
 * its group, every message once and in order, and every message was stored once.
 */
export async function chaos(plan: ChaosPlan): Promise<ChaosCounts> {
  const counts: ChaosCounts = {}
  let moves = 0
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1
    moves++
  }
  const clients: { client: ChaosClient; groupId: string }[] = []
  const groups: { id: string; owner: string }[] = []

  /** Resolves when the condition holds for all clients. Rejects when one complains, or when nothing happens any more. */
  async function all(what: string, isSo: (client: ChaosClient) => boolean): Promise<void> {
    let seen = -1
    for (let since = performance.now(); ; await sleep(50)) {
      for (const { client } of clients) assert.deepEqual(client.complaints, [])
      const missing = clients.filter(({ client }) => !isSo(client)).length
      if (!missing) return
      if (moves !== seen) since = performance.now()
      seen = moves
      if (performance.now() - since > stuckAfterMs)
        throw new Error(`${missing} clients are not ${what}, and nothing moves: ${JSON.stringify(counts)}`)
    }
  }

  try {
    for (let g = 0; g < plan.groups; g++) {
      const names = Array.from({ length: plan.clientsPerGroup }, (_, i) => `g${g}u${i}`)
      const people = await Promise.all(names.map(async (name) => ({ name, token: await tokenFor(name) })))
      const owner = people[0]?.token ?? ''
      const { id } = await createApi(plan.bases[0] ?? '', { token: owner }).createGroup(`chaos ${g}`, names)
      groups.push({ id, owner })
      for (const person of people)
        clients.push({ client: createClient(plan, { ...person, groupId: id }, count), groupId: id })
    }
    await all('connected', ({ isUp }) => isUp)
    for (const { client } of clients) client.begin()
    await all('done', ({ isDone }) => isDone)
    const expected = plan.clientsPerGroup * plan.sends
    await all('told everything', ({ heard }) => heard.length >= expected)

    for (const { id, owner } of groups) {
      const logs = await Promise.all(plan.bases.map((base) => createApi(base, { token: owner }).history(id)))
      for (const log of logs) {
        assert.equal(log.length, expected, 'every message is stored once')
        assert.equal(new Set(log.map(({ client_id }) => client_id)).size, expected)
        for (const { client } of clients.filter(({ groupId }) => groupId === id))
          assert.deepEqual(client.heard, log, 'each client hears the log, once and in order')
      }
    }
    return counts
  } finally {
    for (const { client } of clients) client.close()
  }
}
