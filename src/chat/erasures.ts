import { setTimeout as sleep } from 'node:timers/promises'
import { requireOperator } from '../domain/access.ts'
import { admission, erasing } from '../domain/audit.ts'
import type { Caller } from '../domain/caller.ts'
import type { ErasureCounts, ErasureOrder } from '../domain/erasure.ts'
import { ChatError } from '../domain/errors.ts'
import { every } from '../domain/every.ts'
import { type Hold, holdLease, leaseTimes } from '../store/lease.ts'
import { createEraseUser, type EraseUserDeps } from './erase-user.ts'
import { nameDigest } from './ids.ts'

export interface Erasures {
  /**
   * Erases a user: all that they said and that is known of them is gone, their messages stay as deleted ones of a sender that nobody is,
   * and their tokens are refused from now on. Resolves to how much was erased; after a crash, or another call that failed, to all of it,
   * but for what the last step had not counted. Waits for another instance that is at it. Throws forbidden (operators only), unavailable
   * (the service is stopped meanwhile).
   */
  erase(by: Caller, userId: string): Promise<ErasureCounts>
  /** Goes on with erasures that were cut, and that nobody is at. To be called every few seconds. Resolves to how many it ended. */
  goOn(): Promise<number>
  /** The user's tokens are accepted again. What is erased does not come back. Throws forbidden (operators only). */
  admit(by: Caller, userId: string): Promise<void>
  /** Whether tokens of the user are refused, as far as this instance has heard. */
  isRefused(userId: string): boolean
  /** Asks the store who is refused. To be called every two seconds. */
  refresh(): Promise<void>
  /** Calls back when somebody is refused who was not before. One callback. */
  onRefused(heard: () => void): void
  /** Cuts what is under way between two of its steps; whoever starts next goes on. Resolves when it has ended. */
  stop(): Promise<void>
}

interface Deps extends EraseUserDeps {
  newId: () => string
}

interface Work {
  readonly userId: string
  readonly by: string
  readonly key: string
}

/** So many that were cut are looked for at once. */
const perLook = 100
/** So often it is asked whether another instance is still at it, in milliseconds. */
const askAgainMs = 500

export function createErasures({ newId, ...deps }: Deps): Erasures {
  const { store, now } = deps
  const eraseUser = createEraseUser(deps)
  const refused = new Set<string>()
  const underWay = new Map<string, Promise<ErasureCounts | null>>()
  let since: string | null = null
  let heard = (): void => undefined
  let isStopped = false

  const keyOf = (userId: string): string => nameDigest(['erased', userId])
  const leaseOf = (key: string): Hold => holdLease(store.lease, `erasure:${key}`)

  function refuse(key: string): void {
    if (refused.has(key)) return
    refused.add(key)
    heard()
  }

  function requireHeld(lease: Hold): void {
    if (isStopped || !lease.isHeld()) throw new ChatError('unavailable', 'The erasure will go on by itself.')
  }

  async function waitFor(lease: Hold): Promise<void> {
    while (!isStopped && !(await lease.ask())) await sleep(askAgainMs, undefined, { ref: false })
    requireHeld(lease)
  }

  /** What is written of it before and after is there whatever crashes: first that it has begun, last that it is over. */
  async function run({ userId, by, key }: Work, alias: string, lease: Hold): Promise<ErasureCounts> {
    // An answer that fails is missed; the next step looks whether the lease is still believed.
    const stopAsking = every(leaseTimes.askEveryMs, () => lease.ask().catch(() => undefined))
    try {
      await eraseUser({ userId, key, alias, goOn: () => requireHeld(lease) })
      await store.audit.add(erasing(userId, { userId: by }, now()))
      return await store.erasures.end(key)
    } finally {
      stopAsking()
    }
  }

  async function begin(work: Work): Promise<ErasureCounts> {
    const { userId, by, key } = work
    const lease = leaseOf(key)
    const { alias } = await store.erasures.begin(key, { userId, by, alias: `erased-${newId()}` })
    refuse(key)
    try {
      await waitFor(lease)
      return await run(work, alias, lease)
    } finally {
      await lease.release()
    }
  }

  /** Whoever wants the same meanwhile waits for it. */
  function keep<T extends ErasureCounts | null>(key: string, erasure: Promise<T>): Promise<T> {
    const kept = erasure.finally(() => underWay.delete(key))
    underWay.set(key, kept)
    return kept
  }

  /** Another instance may have ended it by the time its lease is free. */
  const isUnfinished = async (userId: string): Promise<boolean> =>
    (await store.erasures.unfinished(perLook)).some((order) => order.userId === userId)

  /** Resolves to null when there is nothing to do here: another instance is at it, or has ended it. */
  async function goOnWith({ userId, by, alias }: ErasureOrder): Promise<ErasureCounts | null> {
    const key = keyOf(userId)
    const lease = leaseOf(key)
    if (!(await lease.ask())) return null
    try {
      return (await isUnfinished(userId)) ? await run({ userId, by, key }, alias, lease) : null
    } finally {
      await lease.release()
    }
  }

  return {
    async erase(caller, userId) {
      requireOperator(caller)
      const key = keyOf(userId)
      for (;;) {
        const erasure = underWay.get(key)
        if (!erasure) return keep(key, begin({ userId, by: caller.userId, key }))
        const counts = await erasure
        if (!counts) continue
        await store.audit.add(erasing(userId, caller, now()))
        return counts
      }
    },

    async goOn() {
      const orders = await store.erasures.unfinished(perLook)
      const failures: unknown[] = []
      let ended = 0
      for (const order of orders) {
        const key = keyOf(order.userId)
        if (isStopped || underWay.has(key)) continue
        // One that fails keeps no other.
        const counts = await keep(key, goOnWith(order)).catch((error: unknown) => void failures.push(error))
        if (counts) ended++
      }
      if (failures.length) throw failures[0]
      return ended
    },

    async admit(by, userId) {
      requireOperator(by)
      const key = keyOf(userId)
      const wasRefused = await store.erasures.admit(key)
      refused.delete(key)
      if (wasRefused) await store.audit.add(admission(userId, by, now()))
    },

    isRefused: (userId) => refused.size > 0 && refused.has(keyOf(userId)),

    async refresh() {
      const { keys, next } = await store.erasures.refused(since)
      since = next
      for (const [key, isRefused] of keys) {
        if (isRefused) refuse(key)
        else refused.delete(key)
      }
    },

    onRefused(callback) {
      heard = callback
    },

    async stop() {
      isStopped = true
      await Promise.allSettled(underWay.values())
    },
  }
}
