import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createApi } from '../support/api.ts'
import type { RestJob, RestResult } from './load-rest.ts'
import { isOurs, makeRoom, type PeerName, prefix, startPeer } from './peers/start.ts'

export interface RestRun extends RestResult {
  /** Microseconds of the server's CPU. */
  readonly cpuPerRequest: number
  readonly perSecond: number
}

const connections = 32

/** `build`: the request, in a group of 50 messages, as HTTP/1.1 has it. */
export async function runRequests(
  name: PeerName,
  seconds: number,
  build: (path: string, token: string) => string,
): Promise<RestRun> {
  const peer = await startPeer(name)
  const load = fork(join(import.meta.dirname, 'load-rest.ts'))
  try {
    const { groupId, tokens } = await makeRoom(name, peer, 2)
    const token = tokens[0] ?? ''
    const api = createApi(`http://127.0.0.1:${peer.port}${prefix}`, { token })
    if (isOurs(name)) for (let i = 0; i < 50; i++) await api.send(groupId, 'x'.repeat(100))
    const request = build(`${prefix}/groups/${groupId}/messages`, token)
    const run = async (seconds: number) => {
      load.send({ port: peer.port, connections, seconds, request } satisfies RestJob)
      const [result] = (await once(load, 'message')) as [RestResult]
      return result
    }
    await run(1) // warm
    const cpu = await peer.cpuSeconds()
    const result = await run(seconds)
    const cpuPerRequest = (((await peer.cpuSeconds()) - cpu) / result.requests) * 1e6
    return { ...result, cpuPerRequest, perSecond: result.requests / result.seconds }
  } finally {
    load.disconnect()
    await peer.stop()
  }
}

export const get = (path: string, token: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`

export function post(path: string, token: string, body: object): string {
  const text = JSON.stringify(body)
  return (
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
  )
}
