import { refuseUnfinishedCopy } from '../copy/journal.ts'
import type { Connection } from './connect.ts'
import { madeOnce } from './made-once.ts'

/**
 * The database's epoch; `newEpoch` if it has none. Throws StartError while a copy into the database is not whole: nothing may be served by
 * its epoch yet.
 */
export async function readEpoch(connection: Connection, newEpoch: () => string): Promise<string> {
  await refuseUnfinishedCopy(connection)
  return madeOnce(connection, 'epoch', newEpoch)
}

/**
 * To be called after a restore, because cursors handed out before mean nothing now. Running instances notice when they start
 * again.
 */
export async function renewEpoch({ meta }: Connection, value: string): Promise<void> {
  await meta.updateOne({ _id: 'epoch' }, { $set: { value } }, { upsert: true })
}
