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
  /** Times that each client's connection is cut off in the middle of something. */
  readonly cuts: number
  /** Messages that each client sends, each until it is acknowledged. */
  readonly sends: number
}

/** One client: what it heard over all its connections, and what it still has to say. */
interface ChaosClient {
  readonly heard: MessageView[]
  readonly resyncs: string[]
  /** Resolves when its first connection is up. */
  readonly up: Promise<void>
  /** Resolves when it has been cut off often enough and everything it sent was acknowledged. */
  readonly done: Promise<void>
  /** Lets it send, and be cut off. */
  begin(): void
  close(): void
}

interface Person {
  readonly name: string
  readonly token: string
  readonly groupId: string
}

function createClient({ bases, cuts, sends }: ChaosPlan, { name, token, groupId }: Person): ChaosClient {
  const heard: MessageView[] = []
  const resyncs: string[] = []
  const up = Promise.withResolvers<void>()
  const done = Promise.withResolvers<void>()
  let cursor: string | undefined
  let ws: WebSocket
  let acknowledged = 0
  let cutsLeft = cuts
  let begun = false
  let closed = false

  function dial(): void {
    const base = (bases[randomInt(bases.length)] ?? '').replace(/^http/, 'ws')
    const after = cursor === undefined ? '' : `&after=${cursor}`
    ws = new WebSocket(`${base}/ws/${groupId}?token=${token}${after}`, { perMessageDeflate: false })
    ws.on('message', (data) => receive(JSON.parse(String(data))))
    ws.on('error', () => {}) // the close says all
    ws.on('close', () => closed || setTimeout(dial, randomInt(20)))
  }

  /** The next message, or once more the one whose acknowledgement was lost. */
  function send(): void {
    const key = `${name}-${acknowledged}`
    if (begun && acknowledged < sends)
      ws.send(JSON.stringify({ type: 'message', content: key, client_id: key }))
  }

  function cutSoon(): void {
    if (!begun || cutsLeft === 0) return
    const cut = ws
    setTimeout(() => {
      if (cut.readyState !== WebSocket.OPEN) return
      cutsLeft--
      cut.terminate()
      look()
    }, randomInt(60))
  }

  function look(): void {
    if (cutsLeft === 0 && acknowledged === sends) done.resolve()
  }

  function receive(frame: { type: string; cursor?: string; reason?: string; message?: MessageView }): void {
    if (frame.type === 'connected') {
      cursor ??= frame.cursor
      up.resolve()
      send()
      cutSoon()
    } else if (frame.type === 'ack') {
      acknowledged++
      look()
      send()
    } else if (frame.type === 'resync') {
      resyncs.push(String(frame.reason))
      cursor = frame.cursor
    } else if (frame.cursor !== undefined) {
      cursor = frame.cursor
      if (frame.type === 'new_message' && frame.message) heard.push(frame.message)
    }
  }

  dial()
  return {
    heard,
    resyncs,
    up: up.promise,
    done: done.promise,
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
export async function chaos(plan: ChaosPlan): Promise<void> {
  const clients: { client: ChaosClient; groupId: string }[] = []
  const groups: { id: string; owner: string }[] = []
  const base = plan.bases[0] ?? ''
  try {
    for (let g = 0; g < plan.groups; g++) {
      const names = Array.from({ length: plan.clientsPerGroup }, (_, i) => `g${g}u${i}`)
      const people = await Promise.all(names.map(async (name) => ({ name, token: await tokenFor(name) })))
      const owner = people[0]?.token ?? ''
      const { id } = await createApi(base, owner).createGroup(`chaos ${g}`, names)
      groups.push({ id, owner })
      for (const person of people)
        clients.push({ client: createClient(plan, { ...person, groupId: id }), groupId: id })
    }
    await Promise.all(clients.map(({ client }) => client.up))
    for (const { client } of clients) client.begin()
    await Promise.all(clients.map(({ client }) => client.done))

    const expected = plan.clientsPerGroup * plan.sends
    for (const { id, owner } of groups) {
      const log = await createApi(base, owner).history(id)
      assert.equal(log.length, expected, 'every message is stored once')
      assert.equal(new Set(log.map(({ client_id }) => client_id)).size, expected)
      const seqs = log.map(({ seq }) => seq)
      for (const { client } of clients.filter(({ groupId }) => groupId === id)) {
        for (let waited = 0; client.heard.length < expected && waited < 20_000; waited += 20) await sleep(20)
        assert.deepEqual(
          client.heard.map(({ seq }) => seq),
          seqs,
          'each client hears the log, once and in order',
        )
        assert.deepEqual(client.heard, log)
        assert.deepEqual(client.resyncs, [])
      }
    }
  } finally {
    for (const { client } of clients) client.close()
  }
}
