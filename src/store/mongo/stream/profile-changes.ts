import { Timestamp } from 'mongodb'
import type { Profile } from '../../../domain/profile.ts'
import type { Connection, StoreLog } from '../engine/connect.ts'
import { type Job, startJob } from '../engine/job.ts'
import { majority } from '../log/heads.ts'
import { toProfile } from '../profiles.ts'

/** A new name is told everywhere within five seconds. */
const everyMs = 1_500
/** A write may be seen so much later than its stamp says. */
const lateSeconds = 10
const atOnce = 1_000

/**
 * Tells which profiles were written, by whatever instance, since it was started; often more than once. It asks for them, because a
 * stream of a collection is too much for what changes so seldom, and not every server has streams.
 */
export function watchProfiles(
  { profiles }: Pick<Connection, 'profiles'>,
  tell: (changed: readonly Profile[]) => void,
  log: StoreLog,
): Job {
  let since: Timestamp | undefined

  async function newest(): Promise<Timestamp> {
    const doc = await profiles.findOne({}, { ...majority, sort: { changed: -1 }, projection: { changed: 1 } })
    return doc?.changed ?? new Timestamp({ t: 0, i: 0 })
  }

  return startJob(
    everyMs,
    async () => {
      since ??= await newest()
      let after = new Timestamp({ t: Math.max(0, since.getHighBitsUnsigned() - lateSeconds), i: 0 })
      for (;;) {
        const page = { ...majority, sort: { changed: 1 }, limit: atOnce, batchSize: atOnce + 1 } as const
        const docs = await profiles.find({ changed: { $gt: after } }, page).toArray()
        if (docs.length) tell(docs.map(toProfile))
        after = docs.at(-1)?.changed ?? after
        if (after.greaterThan(since)) since = after
        if (docs.length < atOnce) return
      }
    },
    (error) => log.warn('names_not_followed', { error }),
  )
}
