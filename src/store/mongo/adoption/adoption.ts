import { holdLease, type LeaseStore, leaseTimes } from '../../lease.ts'
import type { Connection } from '../engine/connect.ts'
import { unavailable } from '../engine/failure.ts'
import { startJob } from '../engine/job.ts'
import { adopterLease } from '../lease.ts'
import type { Adopter } from './adopt.ts'

const sweepEveryMs = 30_000

/**
 * Adoption while the store is open: everything is adopted at the start, then what is noticed, and now and then all groups are
 * looked at again.
 */
export interface Adoption {
  /** Resolves when all that was there at the start is adopted, by this instance or another. */
  readonly done: Promise<void>
  /** To be called when a message without a number was seen in this group. */
  noticed(groupId: string): void
  /** To be called when messages without a number may have gone unseen. All groups are then looked at soon. */
  missed(): void
  stop(): Promise<void>
}

interface Deps {
  connection: Connection
  leases: LeaseStore
  /** `requireLease` is to be given to the adopter. */
  createAdopter(requireLease: () => void): Adopter
  /**
   * Does work that one instance does after each sweep. `hasMissed` is true when something may have gone unseen since
   * the last one.
   */
  onSweep(hasMissed: boolean): Promise<void>
  /** The store can't open yet, because another instance adopts, or died and still has the lease. */
  onAwaited(): void
  onError(error: unknown): void
}

export function startAdoption(deps: Deps): Adoption {
  const { meta } = deps.connection
  const done = Promise.withResolvers<void>()
  let isDone = false
  /** The number of sweeps of all instances when this one began to wait. */
  let sweepsBefore: number | undefined
  const noticed = new Set<string>()
  let sweptAt = Number.NEGATIVE_INFINITY
  let hasMissed = false
  let isStopped = false
  const lease = holdLease(deps.leases, adopterLease)
  const isHeld = () => !isStopped && lease.isHeld()

  const adopter = deps.createAdopter(() => {
    if (!isHeld()) throw unavailable(new Error('another instance adopts now'))
  })

  async function askForLease(): Promise<void> {
    const was = isHeld()
    if (await lease.ask()) {
      if (!was) work.wake()
    } else if (!isDone) {
      if (await isAdopted()) finish()
      else deps.onAwaited()
    }
  }

  /** True when others adopted all: nothing is left, or a sweep ended since we began to wait. A taken lease proves nothing. */
  async function isAdopted(): Promise<boolean> {
    const { n: sweeps = 0 } = (await meta.findOne({ _id: 'adoption' })) ?? {}
    sweepsBefore ??= sweeps
    return sweeps !== sweepsBefore || !(await adopter.isNeeded())
  }

  function finish(): void {
    isDone = true
    done.resolve()
  }

  async function adopt(): Promise<void> {
    if (!isHeld()) return
    if (performance.now() - sweptAt >= sweepEveryMs) {
      noticed.clear()
      await adopter.sweep()
      await meta.updateOne({ _id: 'adoption' }, { $inc: { n: 1 } }, { upsert: true })
      sweptAt = performance.now()
      finish()
      const missed = hasMissed
      hasMissed = false
      await deps.onSweep(missed)
    }
    for (const groupId of noticed) {
      noticed.delete(groupId)
      await adopter.adopt(groupId)
    }
  }

  const work = startJob(1_000, adopt, deps.onError)
  const holding = startJob(leaseTimes.askEveryMs, askForLease, deps.onError)
  return {
    done: done.promise,
    noticed(groupId) {
      noticed.add(groupId)
      if (isHeld()) work.wake()
    },
    missed() {
      hasMissed = true
      sweptAt = Number.NEGATIVE_INFINITY
      if (isHeld()) work.wake()
    },
    async stop() {
      isStopped = true
      await Promise.all([holding.stop(), work.stop()])
      await lease.release()
    },
  }
}
