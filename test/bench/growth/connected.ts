import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryFolder, tokenFor } from '../../support/process.ts'
import { numbers } from '../../support/samples.ts'
import { median } from '../figures.ts'
import { openLoadSocket } from '../load-socket.ts'
import { startHere } from '../service.ts'
import { fillGroups } from './fill-groups.ts'
import { type Growth, held } from './growth.ts'
import { stallDuring } from './stall.ts'

const groups = 1_000
const members = Number(process.env.MEMBERS ?? 1_000)
const warmUp = 3
const rounds = 9

/** Until `connected` has come on a socket for all groups, of many members and of few: how long the event loop is held up. */
export async function connected(): Promise<Growth[]> {
  using largeFolder = temporaryFolder()
  using smallFolder = temporaryFolder()
  fillGroups(largeFolder.path, groups, members)
  fillGroups(smallFolder.path, groups, 10)
  const [large, small] = [await startHere(largeFolder.path), await startHere(smallFolder.path)]
  const path = `/api/chat/ws?token=${await tokenFor('ann')}`
  const stalls = { large: [] as number[], small: [] as number[] }
  for (const _ of numbers(1, warmUp + rounds)) {
    stalls.large.push(await stall(large.url, path))
    stalls.small.push(await stall(small.url, path))
  }
  await Promise.all([large.close(), small.close()])
  const of = (all: readonly number[]) => median(all.slice(warmUp))
  const action = `connected for ${groups} groups of ${members} members (of 10), stall`
  return held(action, of(stalls.large), of(stalls.small), { ms: 50, ratio: 2 })
}

async function stall(url: string, path: string): Promise<number> {
  let client: Awaited<ReturnType<typeof openLoadSocket>> | undefined
  const ms = await stallDuring(async () => {
    client = await openLoadSocket(Number(new URL(url).port), path, 'chat')
    while (client.heard.count === 0) await sleep(1)
  })
  client?.socket.destroy()
  await sleep(200)
  return ms
}
