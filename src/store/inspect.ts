import type { Change } from '../domain/change.ts'
import type { Group } from '../domain/group.ts'
import type { Place } from './backup.ts'
import type { Finding } from './finding.ts'
import { inspectMongo, lookIntoMongo } from './mongo/inspect.ts'
import { inspectSqlite, lookIntoSqlite } from './sqlite/inspect.ts'

/** A group as it is stored, and the last that its log tells of a user; read beside a running service or without one. */
export interface GroupLook {
  group: Group | null
  /** `member_added` or `member_removed`, among the last 1,000 changes. */
  lastChange: Change | null
}

/** Whether the configured store can be reached and written, and what else an operator should know of it. */
export const inspectStore = (place: Place): Promise<Finding[]> =>
  place.mongodbUrl === null
    ? inspectSqlite(place.dataDir)
    : inspectMongo(place.mongodbUrl, place.databaseName)

/** Throws StartError when there is no store, ChatError when it does not answer. */
export const lookIntoGroup = (place: Place, groupId: string, userId: string): Promise<GroupLook> =>
  place.mongodbUrl === null
    ? lookIntoSqlite(place.dataDir, groupId, userId)
    : lookIntoMongo(place.mongodbUrl, place.databaseName, groupId, userId)
