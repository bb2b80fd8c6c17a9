import type { StoreLocation } from './backup.ts'
import type { Check } from './check.ts'
import type { GroupLook } from './group-look.ts'
import { inspectMongo, lookIntoMongo, waitingInMongo } from './mongo/inspect.ts'
import { inspectSqlite, lookIntoSqlite, waitingInSqlite } from './sqlite/inspect.ts'

/** Whether the configured store can be reached and written, and what else an operator should know of it. */
export const inspectStore = (location: StoreLocation): Promise<Check[]> =>
  location.mongodbUrl === null
    ? inspectSqlite(location.dataDir)
    : inspectMongo(location.mongodbUrl, location.databaseName)

const mostWaiting = 1_000

/** Whether there is an index by which messages are searched, and what waits to get into it. `consumer` keeps it. */
export async function inspectSearch(
  { mongodbUrl, databaseName, dataDir }: StoreLocation,
  consumer: string,
): Promise<Check> {
  const what = 'search index'
  try {
    const waiting =
      mongodbUrl === null
        ? waitingInSqlite(dataDir, consumer, mostWaiting)
        : await waitingInMongo(mongodbUrl, databaseName, consumer, mostWaiting)
    if (waiting === null) return { level: 'ok', what, text: 'will be built beside the service' }
    const many = waiting === mostWaiting ? `${waiting} or more` : `${waiting}`
    return { level: 'ok', what, text: waiting ? `lacks the news of ${many} groups` : 'is there' }
  } catch (error) {
    return { level: 'warn', what, text: `can't be looked at: ${(error as Error).message}` }
  }
}

/** Throws StartError when there is no store, ChatError when it does not answer. */
export const lookIntoGroup = (
  location: StoreLocation,
  groupId: string,
  userId: string,
): Promise<GroupLook> =>
  location.mongodbUrl === null
    ? lookIntoSqlite(location.dataDir, groupId, userId)
    : lookIntoMongo(location.mongodbUrl, location.databaseName, groupId, userId)
