/** Rounds that run at the same time, and now and then wait for each other. */
export interface Batch {
  /**
   * Resolves with what comes of the work, which is done once for all rounds, as soon as each of them has come here under
   * this name, or has ended.
   */
  together<T>(name: string, work: () => Promise<T>): Promise<T>
  /** One of the rounds has ended. */
  end(): void
}

interface Meeting {
  here: number
  begin(): void
  result: Promise<unknown>
}

export function createBatch(size: number): Batch {
  const meetings = new Map<string, Meeting>()
  let ended = 0

  function beginIfComplete({ here, begin }: Meeting): void {
    if (here + ended >= size) begin()
  }

  function meeting(work: () => Promise<unknown>): Meeting {
    const complete = Promise.withResolvers<void>()
    return { here: 0, begin: complete.resolve, result: complete.promise.then(work) }
  }

  return {
    together<T>(name: string, work: () => Promise<T>) {
      const found = meetings.get(name) ?? meeting(work)
      meetings.set(name, found)
      found.here++
      beginIfComplete(found)
      return found.result as Promise<T>
    },

    end() {
      ended++
      for (const each of meetings.values()) beginIfComplete(each)
    },
  }
}
