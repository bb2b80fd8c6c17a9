import { setTimeout as sleep } from 'node:timers/promises'

/** Work that is done now and then, one run after the other. */
export interface Job {
  /** Runs the work at once; if it is running, once more after that. */
  wake(): void
  /** Resolves when the present run has ended; there is none after it. */
  stop(): Promise<void>
}

/**
 * Runs `work` at once and then each `everyMs`. A run that fails is done again at the next time. Of failures in a row only the
 * first is reported.
 */
export function startJob(
  everyMs: number,
  work: () => Promise<unknown>,
  onError: (error: unknown) => void,
): Job {
  let isStopped = false
  let alarm = new AbortController()

  async function run(): Promise<void> {
    let isFailing = false
    while (!isStopped) {
      const { signal } = alarm
      try {
        await work()
        isFailing = false
      } catch (error) {
        if (!isFailing) onError(error)
        isFailing = true
      }
      // The sleep rejects only when it is ended early by `wake`.
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  function wake(): void {
    alarm.abort()
    alarm = new AbortController()
  }

  const running = run()
  return {
    wake,
    async stop() {
      isStopped = true
      wake()
      await running
    },
  }
}
