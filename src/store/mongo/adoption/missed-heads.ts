import type { Connection } from '../engine/connect.ts'
import { type Job, startJob } from '../engine/job.ts'
import { type KeptHeads, majority } from '../log/heads.ts'
import { readHeads } from '../log/many-heads.ts'
import { groupPages } from './group-pages.ts'

/** Those that are not as they were kept are read one by one, at the same time. */
const groupsAtOnce = 100

/**
 * Keeps the heads that an instance was killed before it kept, once, at the start. From then on nothing that was acknowledged
 * before can have its number used again, whoever deletes what by hand.
 */
export function keepMissedHeads(
  connection: Connection,
  heads: KeptHeads,
  onError: (error: unknown) => void,
): Pick<Job, 'stop'> {
  let isOver = false
  const job = startJob(
    60_000,
    async () => {
      if (isOver) return
      for await (const page of groupPages(connection, groupsAtOnce)) {
        const ids = page.map((id) => id.toHexString())
        await readHeads(connection, heads, ids, majority)
        if (isOver) return
      }
      isOver = true
    },
    onError,
  )
  return {
    stop() {
      isOver = true
      return job.stop()
    },
  }
}
