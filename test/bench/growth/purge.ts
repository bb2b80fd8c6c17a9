import type { GroupWithMembers } from '../../../src/domain/group.ts'
import type { Store } from '../../../src/store/store.ts'
import { openIn } from '../../store/open.ts'
import { temporaryFolder } from '../../support/process.ts'
import { admin, aGroup, aSend, numbers, t0, user } from '../../support/samples.ts'
import { median } from '../figures.ts'
import { fill } from '../fill.ts'
import type { Growth } from './growth.ts'

const messages = Number(process.env.MESSAGES ?? 300_000)
const senders = 8
const rounds = 5
const roundMs = 800

/**
 * Eight who send, each its next message when the last is acknowledged: beside the purge of a large group, and, in turn, in
 * a store of its own that has nothing to purge.
 */
export async function purge(): Promise<Growth> {
  using busyFolder = temporaryFolder()
  using calmFolder = temporaryFolder()
  const large = fill(busyFolder.path, messages)
  const [busy, calm] = [await openIn(busyFolder.path), await openIn(calmFolder.path)]
  const groups = [await aGroup(busy, { members: ['ann'] }), await aGroup(calm, { members: ['ann'] })] as const
  await Promise.all([sends(busy, groups[0]), sends(calm, groups[1])]) // warm
  await busy.groups.delete(large, admin, t0)
  const times = { beside: [] as number[], without: [] as number[] }
  for (const _ of numbers(1, rounds)) {
    times.beside.push(...(await sends(busy, groups[0])))
    times.without.push(...(await sends(calm, groups[1])))
  }
  await Promise.all([busy.close(), calm.close()])
  const [beside, without] = [median(times.beside), median(times.without)]
  return {
    action: `a send beside the purge of ${messages} messages, p50`,
    large: `${beside.toFixed(2)} ms`,
    small: `${without.toFixed(2)} ms`,
    figure: beside / without,
    bound: 2,
  }
}

/** Milliseconds of each. */
async function sends(store: Store, group: GroupWithMembers): Promise<number[]> {
  const times: number[] = []
  const end = performance.now() + roundMs
  await Promise.all(
    numbers(1, senders).map(async () => {
      while (performance.now() < end) {
        const start = performance.now()
        await store.messages.append(aSend(group), user('ann'))
        times.push(performance.now() - start)
      }
    }),
  )
  return times
}
