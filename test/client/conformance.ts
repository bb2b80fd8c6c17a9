import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChatEvent } from '../../src/client/client.ts'
import { seededRandom } from '../built/random.ts'
import { apiOf } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { freePort, spawnService, temporaryFolder, tokenFor } from '../support/process.ts'
import { startProxy } from './proxy.ts'

/** A client under test: it listens, and sends each text as often as it needs to until it is acknowledged. */
export interface Tried {
  send(text: string): Promise<unknown>
  close(): Promise<void> | void
}

/** Resolves when the client listens. `heard` is to be called with each event that it tells. */
export type Open = (client: {
  url: string
  groupId: string
  /** The group's cursor before the first message. */
  cursor: string
  /** Each token lives for some seconds only. */
  token(): Promise<string>
  heard(event: ChatEvent): void
}) => Promise<Tried>

/** How many faults there are; CUTS says it for a longer run. */
export const faults = Number(process.env.CUTS ?? 20)

const users = ['ann', 'bob', 'cem', 'dora', 'eve']
const tokenTtlS = 4
/** Sends are awaited for so long once the faults are over. */
const settleMs = 60_000

/**
 * Five clients write to one group through a proxy that cuts, delays and doubles connections, while tokens expire and the service is
 * killed and started again. In the end each has told the log: every message once, in order, and every send was acknowledged.
 */
export async function conformance(
  open: Open,
  seed = Number(process.env.SEED ?? Date.now() % 1_000_000),
): Promise<string> {
  const random = seededRandom(seed)
  using folder = temporaryFolder()
  const env = { PORT: String(await freePort()), RATE_LIMIT_CONNECTIONS: '0', RATE_LIMIT_TOKENS: '0' }
  let service = await spawnService(folder.path, env)
  const proxy = await startProxy(service.url)
  const api = apiOf(service.url, 'ann')
  const group = await api.createGroup('conformance', users)
  const { body: start } = await api.call('GET', `/groups/${group.id}/events`)
  const heard = new Map<string, ChatEvent[]>(users.map((user) => [user, []]))
  const clients = await Promise.all(
    users.map((user) =>
      open({
        url: proxy.url,
        groupId: group.id,
        cursor: String(start.cursor),
        token: () => tokenFor(user, { ttlS: tokenTtlS }),
        heard: (event) => void heard.get(user)?.push(event),
      }),
    ),
  )
  try {
    let isOver = false
    const texts = await Promise.all([
      ...clients.map(async (client, i) => {
        const sent: string[] = []
        const under: Promise<unknown>[] = []
        while (!isOver) {
          const text = `${users[i]} ${sent.length}`
          sent.push(text)
          under.push(client.send(text))
          await sleep(random() * 100)
        }
        const late = sleep(settleMs, 'late', { ref: false })
        assert.notEqual(
          await Promise.race([Promise.all(under), late]),
          'late',
          `seed ${seed}: a send was never answered`,
        )
        return sent
      }),
      (async () => {
        for (let fault = 0; fault < faults; fault++) {
          const dice = random()
          if (dice < 0.5) proxy.cut()
          else if (dice < 0.7) proxy.cutNear()
          else if (dice < 0.9) proxy.delayMs = random() * 50
          else {
            await service.end(dice < 0.95 ? 'SIGKILL' : 'SIGTERM')
            service = await spawnService(folder.path, env)
          }
          await sleep(random() * 300)
        }
        proxy.delayMs = 0
        isOver = true
        return []
      })(),
    ])

    const log = (await api.history(group.id)).map(({ content }) => content)
    assert.deepEqual([...log].sort(), texts.flat().sort(), `seed ${seed}: what was acknowledged is the log`)
    for (const user of users) {
      const told = () =>
        (heard.get(user) ?? []).flatMap((event) =>
          event.type === 'new_message' && event.group_id === group.id ? [event.message.content] : [],
        )
      await eventually(`seed ${seed}: ${user} has heard all`, () => told().length >= log.length, settleMs)
      assert.deepEqual(told(), log, `seed ${seed}: ${user} heard the log, once and in order`)
    }
    for (const [i, user] of users.entries()) {
      const own = log.filter((text) => text.startsWith(`${user} `))
      assert.deepEqual(own, texts[i], `seed ${seed}: the sends of ${user} are in their order`)
    }
    return `seed ${seed}: ${faults} faults, ${log.length} messages`
  } finally {
    await Promise.all(clients.map((client) => client.close()))
    await proxy.close()
    await service.end('SIGTERM')
  }
}
