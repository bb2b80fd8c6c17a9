import { startJob } from './job.ts'

/** What other instances wrote is gathered for so many milliseconds, in case one was killed before it wrote what follows from it. */
const gatherMs = 5_000

/**
 * What is written after that from which it follows, so that no request waits for a second write; by key, and of many together. This
 * instance knows it at once. When it is killed before it is written, those who heard of the cause write it.
 */
export interface LateWrites<T> {
  /** To be written at once. What comes while the last write is under way is written together. */
  raise(values: Iterable<readonly [key: string, value: T]>): void
  /** To be written within a few seconds, if the other instance that caused it has not done so itself. */
  saw(key: string, value: T): void
  /** The values of the key that are not written yet. */
  unwritten(key: string): T[]
  /** The value of the key that another instance may not have written yet. */
  heard(key: string): T | undefined
  /** Resolves when all that was raised before is written. Throws when it can't be. */
  written(): Promise<void>
  /** Resolves when all is written, or can't be. */
  stop(): Promise<void>
}

interface Deps<T> {
  /** Must do no harm when it is done again. */
  write(values: ReadonlyMap<string, T>): Promise<unknown>
  /** The keys of those values that are not written, as the database has it. */
  missing(values: ReadonlyMap<string, T>): Promise<readonly string[]>
  /** One value for two. */
  merge(before: T | undefined, value: T): T
  onError(error: unknown): void
}

export function createLateWrites<T>({ write, missing, merge, onError }: Deps<T>): LateWrites<T> {
  let raised = new Map<string, T>()
  let underWay = new Map<string, T>()
  let seen = new Map<string, T>()
  let writing: Promise<void> | undefined

  function add(to: Map<string, T>, values: Iterable<readonly [string, T]>): void {
    for (const [key, value] of values) to.set(key, merge(to.get(key), value))
  }

  /** The job tries again what fails here. */
  async function writeRaised(): Promise<void> {
    while (raised.size) {
      underWay = raised
      raised = new Map()
      try {
        await write(underWay)
      } catch (error) {
        add(raised, underWay)
        throw error
      } finally {
        underWay = new Map()
      }
    }
  }

  function writeAll(): Promise<void> {
    writing ??= writeRaised().finally(() => {
      writing = undefined
    })
    return writing
  }

  async function flush(): Promise<void> {
    const heard = seen
    seen = new Map()
    try {
      const keys = new Set(heard.size ? await missing(heard) : [])
      add(
        raised,
        [...heard].filter(([key]) => keys.has(key)),
      )
    } catch (error) {
      add(seen, heard)
      throw error
    } finally {
      await writeAll()
    }
  }

  const job = startJob(gatherMs, flush, onError)
  return {
    raise(values) {
      add(raised, values)
      if (!writing) writeAll().catch(onError)
    },
    saw: (key, value) => add(seen, [[key, value]]),
    unwritten: (key) => [raised, underWay].flatMap((values) => values.get(key) ?? []),
    heard: (key) => seen.get(key),
    written: () => (raised.size || underWay.size ? writeAll() : Promise.resolve()),
    async stop() {
      await job.stop()
      await flush().catch(onError)
    },
  }
}
