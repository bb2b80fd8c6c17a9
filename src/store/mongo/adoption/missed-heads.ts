import type { Connection } from '../engine/connect.ts'
import { type Job, startJob } from '../engine/job.ts'
import { type KeptHeads, majority } from '../log/heads.ts'
import { readHeads } from '../log/many-heads.ts'
import { groupPages } from './group-pages.ts'

/** Of so many groups at once, the heads that are not as they were kept are read one by one, at the same time. */
const groupsAtOnce = 100

/**
 * Keeps the heads that an instance had not kept when it was killed: at the start, and again when entries of others may
 * have gone unheard. From then on no number that was acknowledged before can be used again, whoever deletes what by
 * hand, and the feed has been told of it.
 */
export function keepMissedHeads(
  connection: Connection,
  heads: KeptHeads,
  onError: (error: unknown) => void,
): Pick<Job, 'stop'> & { missed(): void } {
  let isDue = true
  let isStopped = false

  async function look(): Promise<void> {
    if (!isDue) return
    // The flag is cleared before the work, so that what is missed meanwhile is looked for once more.
    isDue = false
    try {
      for await (const page of groupPages(connection, groupsAtOnce)) {
        if (isStopped) return
        const ids = page.map((id) => id.toHexString())
        await readHeads(connection, heads, ids, majority)
      }
    } catch (error) {
      isDue = true
      throw error
    }
  }

  const job = startJob(60_000, look, onError)
  return {
    missed() {
      isDue = true
      job.wake()
    },
    stop() {
      isStopped = true
      return job.stop()
    },
  }
}
