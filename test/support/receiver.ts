import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { eventually } from './eventually.ts'

/** What a receiver of webhooks was told, checked by the library of Standard Webhooks. */
export interface Received {
  readonly id: string
  readonly type: string
  readonly timestamp: string
  // biome-ignore lint/suspicious/noExplicitAny: tests compare what they expect in it.
  readonly data: Record<string, any>
}

export interface Receiver {
  readonly url: string
  /** What the service has to be given. */
  readonly env: { WEBHOOK_URL: string; WEBHOOK_SECRET: string }
  /** All that came, in order, whatever was answered. */
  readonly received: readonly Received[]
  /** That of this group, or that was answered 2xx. */
  of(group: { id: string }): Received[]
  taken(group: { id: string }): Received[]
  /** Resolves when something of this type, or so many, came of the group. */
  hears(group: { id: string }, what: string | number): Promise<void>
  /** Answers from now on; 204 unless told otherwise. */
  answer: (hook: Received, response: ServerResponse) => void
  [Symbol.asyncDispose](): Promise<void>
}

export async function startReceiver(
  secret = `whsec_${randomBytes(32).toString('base64')}`,
): Promise<Receiver> {
  const webhook = new Webhook(secret)
  const received: Received[] = []
  const taken: Received[] = []
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end()
    const body = await readBody(request)
    const id = String(request.headers['webhook-id'])
    const sentAt = Number(request.headers['webhook-timestamp']) * 1_000
    // A service whose clock a test has moved signs for another time than the library takes.
    if (Math.abs(sentAt - Date.now()) < 60_000)
      webhook.verify(body, request.headers as Record<string, string>)
    else assert.equal(request.headers['webhook-signature'], webhook.sign(id, new Date(sentAt), body))
    const hook = { id, ...(JSON.parse(body) as Omit<Received, 'id'>) }
    received.push(hook)
    response.on('close', () => {
      if (response.statusCode < 300) taken.push(hook)
    })
    receiver.answer(hook, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`
  const ofGroup = (hooks: readonly Received[], id: string) => hooks.filter(({ data }) => data.group_id === id)
  const receiver: Receiver = {
    url,
    env: { WEBHOOK_URL: url, WEBHOOK_SECRET: secret },
    received,
    of: ({ id }) => ofGroup(received, id),
    taken: ({ id }) => ofGroup(taken, id),
    hears: ({ id }, what) =>
      eventually(`the receiver hears ${what}`, () => {
        const found = ofGroup(received, id)
        return typeof what === 'number' ? found.length >= what : found.some(({ type }) => type === what)
      }),
    answer: (_, response) => response.writeHead(204).end(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return receiver
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  return body
}
