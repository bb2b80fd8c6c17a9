/** Things that have to be done for many groups: a few at a time, and each again until it succeeds. */
export interface RetryQueue {
  /** Once more for this group, even if it is being done just now. */
  add(groupId: string): void
  /** Begins nothing any more. */
  close(): void
}

/** Done at the same time. */
const width = 16
/** After a failure all wait so long, in milliseconds: the store is away, or has too much to do. */
const pauseMs = 1_000

/** `work` may be under way twice for one group; doing it again must do no harm. `onError` is told once for each pause. */
export function createRetryQueue(
  work: (groupId: string) => Promise<void>,
  onError: (error: unknown) => void,
): RetryQueue {
  const waiting = new Set<string>()
  let underWay = 0
  let pause: NodeJS.Timeout | undefined
  let closed = false

  async function run(groupId: string): Promise<void> {
    underWay++
    try {
      await work(groupId)
    } catch (error) {
      waiting.add(groupId)
      if (!pause) onError(error)
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
    for (const groupId of waiting) {
      if (underWay >= width || pause || closed) return
      waiting.delete(groupId)
      run(groupId)
    }
  }

  return {
    add(groupId) {
      waiting.add(groupId)
      next()
    },
    close() {
      closed = true
      clearTimeout(pause)
    },
  }
}
