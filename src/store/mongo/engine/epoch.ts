import type { Connection } from './connect.ts'
import { madeOnce } from './made-once.ts'

/** The database's epoch; `newEpoch` if it has none. */
export const readEpoch = (connection: Connection, newEpoch: () => string): Promise<string> =>
  madeOnce(connection, 'epoch', newEpoch)

/**
 * To be called after a restore, because cursors handed out before mean nothing now. Running instances notice when they start
 * again.
 */
export async function renewEpoch({ meta }: Connection, value: string): Promise<void> {
  await meta.updateOne({ _id: 'epoch' }, { $set: { value } }, { upsert: true })
}
