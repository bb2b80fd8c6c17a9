/** Does work for many groups or users: for a few of them at a time, and for each again until it succeeds. */
export interface RetryQueue {
  /** Does the work for this key, once more if it is being done just now. */
  add(key: string): void
  /** The queue begins no work after this. */
  close(): void
}

/** The work is under way for so many keys at the same time. */
const width = 16
/** After a failure all keys wait so long, in milliseconds, because the store is away or has too much to do. */
const pauseMs = 1_000

/** `work` may be under way twice for one key; doing it again must do no harm. `onError` is told once for each pause. */
export function createRetryQueue(
  work: (key: string) => Promise<void>,
  onError: (error: unknown, key: string) => void,
): RetryQueue {
  const waiting = new Set<string>()
  let underWay = 0
  let pause: NodeJS.Timeout | undefined
  let closed = false

  async function run(key: string): Promise<void> {
    underWay++
    try {
      await work(key)
    } catch (error) {
      waiting.add(key)
      if (!pause) onError(error, key)
      pause ??= setTimeout(resume, pauseMs).unref()
    }
    underWay--
    next()
  }

  function resume(): void {
    pause = undefined
    next()
  }

  function next(): void {
    for (const key of waiting) {
      if (underWay >= width || pause || closed) return
      waiting.delete(key)
      run(key)
    }
  }

  return {
    add(key) {
      waiting.add(key)
      next()
    },
    close() {
      closed = true
      clearTimeout(pause)
    },
  }
}
