import type { Change } from '../domain/change.ts'
import type { Group } from '../domain/group.ts'
import type { StoreLocation } from './backup.ts'
import type { Check } from './check.ts'
import { inspectMongo, lookIntoMongo } from './mongo/inspect.ts'
import { inspectSqlite, lookIntoSqlite } from './sqlite/inspect.ts'

/** A group as it is stored, and the last that its log tells of a user; read beside a running service or without one. */
export interface GroupLook {
  group: Group | null
  /** `member_added` or `member_removed`, among the last 1,000 changes. */
  lastChange: Change | null
}

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
