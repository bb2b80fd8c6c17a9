import type { Connection } from './connect.ts'
import { isDuplicate } from './failure.ts'

/** The value of this name; what `make` gives if there is none. Of instances that ask together, one makes it. */
export async function madeOnce(connection: Connection, name: string, make: () => string): Promise<string> {
  const { meta } = connection
  const found = await meta.findOne({ _id: name })
  if (found?.value) return found.value
  const value = make()
  try {
    await meta.insertOne({ _id: name, value })
    return value
  } catch (error) {
    if (isDuplicate(error)) return madeOnce(connection, name, make)
    throw error
  }
}
