import { type Journal, requireWhole } from '../../copy/journal.ts'
import { CopyError } from '../../copy/side.ts'
import type { Connection } from '../engine/connect.ts'
import { isDuplicate } from '../engine/failure.ts'

const _id = 'copy'

export function createJournal({ meta }: Pick<Connection, 'meta'>) {
  /** As this process read or wrote it last; null: there is none. */
  let known: string | null = null
  return {
    async read(): Promise<Journal | null> {
      known = (await meta.findOne({ _id }))?.value ?? null
      return known === null ? null : (JSON.parse(known) as Journal)
    },

    /** Throws CopyError when another process has gone on with the copy. */
    async write(journal: Journal): Promise<void> {
      const value = JSON.stringify(journal)
      try {
        const isNew = known === null
        const { matchedCount, upsertedCount } = await meta.updateOne(
          { _id, value: known } as object,
          { $set: { value } },
          { upsert: isNew },
        )
        if (matchedCount + upsertedCount === 0) throw isTakenOver()
      } catch (error) {
        throw isDuplicate(error) ? isTakenOver() : error
      }
      known = value
    },
  }
}

const isTakenOver = () => new CopyError('Another process copies into the same database. This one has ended.')

/** To be called before the database is used. Throws StartError. */
export const refuseUnfinishedCopy = async (connection: Connection): Promise<void> =>
  requireWhole(await createJournal(connection).read())
