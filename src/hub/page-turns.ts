/**
 * Shares out the event loop among those who replay logs, over all groups, in the order in which they ask: a hundred clients
 * that come back at once hold up nobody who is live.
 */
export interface PageTurns {
  /** Reads and encodes a page: a few at a time, each begun in a turn of its own. */
  read<T>(work: () => Promise<T>): Promise<T>
  /** Resolves when the caller may write a page: so many in a turn as cost about what reading one does. */
  write(): Promise<void>
}

/** Pages that are being read at the same time. */
const width = 4
const writesPerTurn = 16

export function createPageTurns(): PageTurns {
  const reads = queueOf(1)
  const writes = queueOf(writesPerTurn)
  /** Readers that wait until one of those before them has its page. */
  const waiting: (() => void)[] = []
  let underWay = 0

  return {
    async read(work) {
      if (underWay < width) underWay++
      else await new Promise<void>((resolve) => waiting.push(resolve))
      try {
        await reads()
        return await work()
      } finally {
        // The next reader that waits takes this place.
        const next = waiting.shift()
        if (next) next()
        else underWay--
      }
    },
    write: writes,
  }
}

/** Lets `perTurn` callers go on in each turn of the event loop. */
function queueOf(perTurn: number): () => Promise<void> {
  let waiting: (() => void)[] = []
  function turn(): void {
    const now = waiting.slice(0, perTurn)
    waiting = waiting.slice(perTurn)
    if (waiting.length) setImmediate(turn)
    for (const go of now) go()
  }
  return () =>
    new Promise((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(turn)
    })
}
