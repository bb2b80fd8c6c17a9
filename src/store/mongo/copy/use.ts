import { setTimeout as sleep } from 'node:timers/promises'
import { CopyError } from '../../copy/side.ts'
import { leaseTimes } from '../../lease.ts'
import type { Connection } from '../engine/connect.ts'

const lookEveryMs = 250
/** Instances that are not alone take over the leases of one that ended, and say that they are there, within so many milliseconds. */
const heardWithinMs = 6_000

/** What a running service changes all the time: its leases, and what it signals. */
export interface Use {
  readonly leases: ReadonlyMap<string, number>
  readonly signal: string
}

export async function readUse({ meta, signals }: Connection): Promise<Use & { isHeld: boolean }> {
  const leases = await meta.find({ holder: { $exists: true } }).toArray()
  const [last] = await signals.find({}, { sort: { _id: -1 }, limit: 1 }).toArray()
  return {
    leases: new Map(leases.map(({ _id, n = 0 }) => [_id, n])),
    signal: String(last?._id ?? ''),
    isHeld: leases.some(({ holder }) => holder != null),
  }
}

const isSame = (one: Use, other: Use): boolean =>
  [...other.leases].every(([name, n]) => one.leases.get(name) === n)

const inUse = (name: string) =>
  new CopyError(`A chat-api process uses ${name}. Stop all that use it, then run the same command again.`)

/**
 * Resolves when no service uses the database: at once, or in some seconds where one was there a moment ago. Throws CopyError when one
 * does.
 */
export async function requireIdle(connection: Connection, name: string): Promise<void> {
  const first = await readUse(connection)
  if (!first.isHeld && first.signal === '') return
  const end = performance.now() + (first.isHeld ? leaseTimes.expireMs : heardWithinMs)
  while (performance.now() < end) {
    await sleep(lookEveryMs)
    const now = await readUse(connection)
    // Signals expire by and by, so only a later one is new.
    if (!isSame(first, now) || now.signal > first.signal) throw inUse(name)
  }
}

/** Throws CopyError when a lease was taken since. */
export async function requireSameUse(connection: Connection, name: string, before: Use): Promise<void> {
  if (!isSame(before, await readUse(connection)))
    throw new CopyError(
      `A chat-api process used ${name} while it was copied. Stop it, and copy into an empty folder or database.`,
    )
}
