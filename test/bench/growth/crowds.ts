import { setTimeout as sleep } from 'node:timers/promises'
import { numbers } from '../../support/samples.ts'
import { median } from '../figures.ts'
import { type Crowd, gather } from './crowd.ts'
import { type Growth, held } from './growth.ts'
import { stallDuring } from './stall.ts'

/** Time enough for what a crowd that leaves or types brings about, in milliseconds. */
const settleMs = 2_500

/** One message to all listeners, and all of them leaving at once. */
export async function listeners(): Promise<Growth[]> {
  const [large, small] = [await tellAndLeave(10_000), await tellAndLeave(100)]
  return [
    ...held('one message to 10,000 listeners (100), stall', large.told, small.told, { ms: 20 }),
    ...held('10,000 sockets (100) leave at once, stall', large.left, small.left, { ms: 50 }),
  ]
}

async function tellAndLeave(sockets: number): Promise<{ told: number; left: number }> {
  await using crowd = await gather(sockets)
  await crowd.open()
  await crowd.quiet()
  const told: number[] = []
  for (const n of numbers(1, 9)) {
    const { frames } = await crowd.ask('heard')
    told.push(
      await stallDuring(async () => {
        await crowd.api.send(crowd.groupId, `message ${n}`)
        while ((await crowd.ask('heard')).frames < frames + sockets) await sleep(5)
      }),
    )
  }
  const left = await stallDuring(async () => {
    await crowd.ask('leave')
    await sleep(settleMs)
  })
  return { told: median(told), left }
}

/** A group with listeners is deleted; its members are removed while they listen. */
export async function endings(): Promise<Growth[]> {
  const remove = async ({ api, groupId }: Crowd) => api.call('DELETE', `/groups/${groupId}`)
  const empty = async ({ api, groupId }: Crowd) => {
    const read = await api.call('GET', `/groups/${groupId}`)
    const headers = { 'if-match': read.headers.get('etag') ?? '' }
    const body = { authorized_user_ids: ['ann'] }
    return api.call('PUT', `/groups/${groupId}`, { body, headers })
  }
  return [
    ...held(
      'delete a group with 4,000 listeners (100), stall',
      await endBy(remove, 4_000),
      await endBy(remove, 100),
      {
        ms: 50,
      },
    ),
    ...held(
      'remove 1,000 members (100) who listen, stall',
      await endBy(empty, 1_000),
      await endBy(empty, 100),
      {
        ms: 200,
      },
    ),
  ]
}

async function endBy(act: (crowd: Crowd) => Promise<{ status: number }>, sockets: number): Promise<number> {
  await using crowd = await gather(sockets)
  await crowd.open()
  await crowd.quiet()
  return await stallDuring(async () => {
    const { status } = await act(crowd)
    if (status >= 300) throw new Error(`answered ${status}`)
    // None of them hears so much before it is closed.
    await crowd.ask({ await: { frames: Number.MAX_SAFE_INTEGER } })
  })
}

/** Half of the sockets type at once. */
export async function typers(): Promise<Growth[]> {
  return held(
    '500 of 1,000 sockets (50 of 100) type at once, stall',
    await typing(1_000),
    await typing(100),
    {
      ms: 100,
    },
  )
}

async function typing(sockets: number): Promise<number> {
  await using crowd = await gather(sockets, { env: { RATE_LIMIT_TYPING: '0' } })
  await crowd.open()
  await crowd.quiet()
  return await stallDuring(async () => {
    await crowd.ask({ write: { text: '{"type":"typing","content":"start"}', sockets: sockets / 2 } })
    await sleep(settleMs)
  })
}

/** Bytes that all are told of each other's coming, by socket. */
export async function joins(): Promise<Growth> {
  const [large, small] = [await joining(5_000), await joining(250)]
  return {
    action: '5,000 (250) join at once: KB told to each',
    large: `${(large / 1e3).toFixed(1)} KB`,
    small: `${(small / 1e3).toFixed(1)} KB`,
    figure: large / 1e3,
    bound: 10,
  }
}

async function joining(sockets: number): Promise<number> {
  await using crowd = await gather(sockets)
  await crowd.open()
  return (await crowd.quiet()).bytes / sockets
}

/** Clients that come back with the cursor of an empty group. */
export async function resumes(): Promise<Growth[]> {
  const [large, small] = [await resuming(10_000), await resuming(100)]
  return held('100 clients resume 10,000 (100) messages behind, stall', large, small, { ms: 50 })
}

async function resuming(messages: number): Promise<number> {
  const env = { MAX_REPLAY: '20000', WS_MAX_CONNECTIONS_PER_USER: '1000' }
  await using crowd = await gather(100, { messages, env })
  const { body } = await crowd.api.call('GET', `/groups/${crowd.groupId}/messages?page_size=1`)
  const [epoch] = String(body.cursor).split('.')
  return await stallDuring(async () => {
    await crowd.open(`${epoch}.0.0`)
    await crowd.ask({ await: { frames: messages } })
  })
}
