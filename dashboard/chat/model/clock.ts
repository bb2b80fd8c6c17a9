/** What the model knows of time. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Returns the way to call it off. */
  after(ms: number, run: () => void): () => void
}

/** Something that is done soon. */
export interface Gathered {
  (): void
  /** Does it at once, if it is due. */
  now(): void
}

const frameMs = 16

/**
 * Gathers calls: the first after a quiet time runs in this turn, those that follow run together a frame later. A burst of a
 * thousand events is so shown a few times, and a single one at once.
 */
export function gathered(run: () => void, { now, after }: Clock): Gathered {
  let isDue = false
  let ranAt = Number.NEGATIVE_INFINITY
  const go = (): void => {
    if (!isDue) return
    isDue = false
    ranAt = now()
    run()
  }
  const soon = (): void => {
    if (isDue) return
    isDue = true
    const sinceMs = now() - ranAt
    // A clock that was set back must not make anybody wait.
    if (sinceMs < 0 || sinceMs >= frameMs) queueMicrotask(go)
    else after(frameMs - sinceMs, go)
  }
  return Object.assign(soon, { now: go })
}
