import type { Connection } from './connect.ts'
import { isDuplicate } from './failure.ts'

/** The database's epoch; `newEpoch` if it has none. Of instances that start together, one makes it. */
export async function readEpoch(connection: Connection, newEpoch: () => string): Promise<string> {
  const { meta } = connection
  const found = await meta.findOne({ _id: 'epoch' })
  if (found?.value) return found.value
  const value = newEpoch()
  try {
    await meta.insertOne({ _id: 'epoch', value })
    return value
  } catch (error) {
    if (isDuplicate(error)) return readEpoch(connection, newEpoch)
    throw error
  }
}

/**
 * To be called after a restore, because cursors handed out before mean nothing now. Running instances notice when they start
 * again.
 */
export async function renewEpoch({ meta }: Connection, value: string): Promise<void> {
  await meta.updateOne({ _id: 'epoch' }, { $set: { value } }, { upsert: true })
}
