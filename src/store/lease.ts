/**
 * Work that one instance does at a time, by its name. Two may believe that they have it, after a long pause of one of them: what is
 * done under a lease must be safe even then.
 */
export interface LeaseStore {
  /** Takes the lease, or keeps it: whether this instance has it now. To be asked each `leaseTimes.askEveryMs` as long as it is wanted. */
  take(name: string): Promise<boolean>
  /** Others may take it at once. Of a lease that another instance has it says nothing. */
  release(name: string): Promise<void>
}

/** In milliseconds. A holder stops to believe that it has the lease before others may take it. */
export const leaseTimes = {
  askEveryMs: 3_000,
  /** For which an answer is believed, from when it was asked for. */
  trustMs: 8_000,
  /** After which the lease of a silent holder may be taken by others. */
  expireMs: 10_000,
} as const

/** One lease, as who works under it sees it. */
export interface Hold {
  /** To be looked at before each step of the work. */
  isHeld(): boolean
  /** To be called each `leaseTimes.askEveryMs`. Resolves to `isHeld`; where the store does not answer, what it said last is believed for its time. */
  ask(): Promise<boolean>
  release(): Promise<void>
}

/** `clock` counts milliseconds and never goes back. */
export function holdLease(
  leases: LeaseStore,
  name: string,
  clock: () => number = () => performance.now(),
): Hold {
  let heldUntil = Number.NEGATIVE_INFINITY
  let isReleased = false
  const isHeld = () => !isReleased && clock() < heldUntil
  return {
    isHeld,

    async ask() {
      const asked = clock()
      heldUntil = (await leases.take(name)) ? asked + leaseTimes.trustMs : Number.NEGATIVE_INFINITY
      return isHeld()
    },

    async release() {
      isReleased = true
      await leases.release(name)
    },
  }
}
