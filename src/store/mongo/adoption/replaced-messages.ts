import type { Edits } from '../edits.ts'
import { startJob } from '../engine/job.ts'

/** More than so many at once are an import. Those beyond are not logged, and clients see them with their next read. */
const maxWaiting = 5_000

/** Logs messages whose documents were replaced by hand, as soon as one is seen. We ourselves never replace one. */
export interface ReplacedMessages {
  /** To be called when a message was replaced. `ver` is that of the new document, if it has one. */
  seen(id: string, ver: number | undefined): void
  stop(): Promise<void>
}

interface Deps {
  edits: Pick<Edits, 'logReplaced'>
  requestMs: number
  onError(error: unknown): void
}

export function createReplacedMessages({ edits, requestMs, onError }: Deps): ReplacedMessages {
  const waiting = new Map<string, number | undefined>()

  async function look(): Promise<void> {
    for (const [id, ver] of waiting) {
      await edits.logReplaced(id, ver, performance.now() + requestMs)
      if (waiting.get(id) === ver) waiting.delete(id)
    }
  }

  const job = startJob(60_000, look, onError)
  return {
    seen(id, ver) {
      if (waiting.size >= maxWaiting) return
      waiting.set(id, ver)
      job.wake()
    },
    stop: job.stop,
  }
}
