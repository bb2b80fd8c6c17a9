/**
 * Lets one reader at a time, over all groups, read and encode a page of a log, each in a turn of the event loop of its
 * own: a hundred clients that come back at once hold up nobody who is live.
 */
export interface PageTurns {
  /** Resolves when it is the caller's turn. */
  next(): Promise<void>
}

export function createPageTurns(): PageTurns {
  const waiting: (() => void)[] = []
  const begin = () => {
    waiting.shift()?.()
    if (waiting.length) setImmediate(begin)
  }
  return {
    next: () =>
      new Promise((resolve) => {
        if (waiting.push(resolve) === 1) setImmediate(begin)
      }),
  }
}
