import type { StoreLocation } from './backup.ts'
import type { Check } from './check.ts'
import type { GroupLook } from './group-look.ts'
import { inspectMongo, lookIntoMongo } from './mongo/inspect.ts'
import { inspectSqlite, lookIntoSqlite } from './sqlite/inspect.ts'

/** Whether the configured store can be reached and written, and what else an operator should know of it. */
export const inspectStore = (location: StoreLocation): Promise<Check[]> =>
  location.mongodbUrl === null
    ? inspectSqlite(location.dataDir)
    : inspectMongo(location.mongodbUrl, location.databaseName)

/** Throws StartError when there is no store, ChatError when it does not answer. */
export const lookIntoGroup = (
  location: StoreLocation,
  groupId: string,
  userId: string,
): Promise<GroupLook> =>
  location.mongodbUrl === null
    ? lookIntoSqlite(location.dataDir, groupId, userId)
    : lookIntoMongo(location.mongodbUrl, location.databaseName, groupId, userId)
