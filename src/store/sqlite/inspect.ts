import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { isOfMember } from '../../domain/changes.ts'
import { blobPath, createDiskBlobs, filesFolder } from '../blobs/disk.ts'
import type { Check } from '../check.ts'
import { erasureCheck } from '../erasure-check.ts'
import { checkFiles } from '../file-check.ts'
import type { GroupLook } from '../group-look.ts'
import { StartError } from '../start-error.ts'
import { firstNumber, firstText, query } from './engine/columns.ts'
import { isSqliteError } from './engine/failure.ts'
import { databaseFile, openForReading } from './engine/file.ts'
import { lockFolder } from './engine/lock.ts'
import { createFeedReads } from './feed.ts'
import { createGroupReads } from './group-reads.ts'
import { createLogReads } from './log.ts'
import { createMemberReads } from './member-reads.ts'

const GB = 1e9
const changesLookedAt = 1_000
const filesAtOnce = 1_000

export async function inspectSqlite(dataDir: string): Promise<Check[]> {
  return [folder(dataDir), database(dataDir), ...(await files(dataDir)), ...erasures(dataDir), space(dataDir)]
}

/** How many groups' logs moved since this consumer dealt with them, at most so many; null when it never did. */
export function waitingInSqlite(dataDir: string, consumer: string, most: number): number | null {
  const file = databaseFile(dataDir)
  if (!existsSync(file)) return null
  const db = openForReading(file)
  try {
    const feed = createFeedReads(db)
    const cursor = feed.cursor(consumer)
    return cursor === null ? null : feed.after(Number(cursor), most).length
  } catch (error) {
    // A file of an earlier version knows no consumers.
    if (isSqliteError(error)) return null
    throw error
  } finally {
    db.close()
  }
}

/** Looks at the folder but does not make it, which is left to the service. */
function folder(dataDir: string): Check {
  const nearest = nearestFolder(dataDir)
  try {
    accessSync(nearest, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch {
    const text = `${nearest} can't be written by user ${process.getuid?.() ?? ''}. Give it to that user, or set DATA_DIR.`
    return { level: 'fail', what: 'data folder', text }
  }
  if (!existsSync(dataDir))
    return { level: 'ok', what: 'data folder', text: `${resolve(dataDir)} will be made` }
  const open = [dataDir, databaseFile(dataDir)].find(isOpenToOthers)
  if (open !== undefined) {
    const path = resolve(open)
    const text = `other users of this machine may have access to ${path}: chmod go= ${path}`
    return { level: 'warn', what: 'data folder', text }
  }
  return { level: 'ok', what: 'data folder', text: `${resolve(dataDir)} can be written` }
}

const isOpenToOthers = (path: string): boolean =>
  ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0

function database(dataDir: string): Check {
  const file = databaseFile(dataDir)
  if (!existsSync(file))
    return { level: 'ok', what: 'database', text: 'SQLite, will be made at the first start' }
  try {
    const db = openForReading(file)
    db.prepare('SELECT count(*) FROM (SELECT 1 FROM groups LIMIT 1)').get()
    db.close()
  } catch (error) {
    const text = `${file} can't be read: ${(error as Error).message}. Start the service to see what to do.`
    return { level: 'fail', what: 'database', text }
  }
  return {
    level: 'ok',
    what: 'database',
    text: `SQLite, ${isInUse(dataDir) ? 'a service uses it now' : 'nobody uses it now'}`,
  }
}

/** Nothing where there is no database yet, or one from before there were files. */
async function files(dataDir: string): Promise<Check[]> {
  if (!existsSync(databaseFile(dataDir))) return []
  try {
    const db = openForReading(databaseFile(dataDir))
    const list = query(
      db,
      `SELECT id FROM files WHERE id > ? AND gone = 0 ORDER BY id LIMIT ${filesAtOnce}`,
      firstText,
    )
    const known = query(db, 'SELECT id FROM files WHERE id IN (SELECT value FROM json_each(?))', firstText)
    const folder = filesFolder(dataDir)
    const check = await checkFiles({
      listFiles: async (after) => list.all(after ?? ''),
      present: async (ids) => ids.filter((id) => existsSync(blobPath(folder, id))),
      known: async (ids) => known.all(JSON.stringify(ids)),
      blobs: createDiskBlobs(folder),
    })
    db.close()
    return [check]
  } catch {
    return []
  }
}

/** Nothing where there is no database yet, or one of an earlier version. */
function erasures(dataDir: string): Check[] {
  if (!existsSync(databaseFile(dataDir))) return []
  const db = openForReading(databaseFile(dataDir))
  try {
    const unfinished = query(db, 'SELECT count(*) FROM erasures WHERE user_id IS NOT NULL', firstNumber)
    return [erasureCheck(unfinished.get() ?? 0)]
  } catch {
    return []
  } finally {
    db.close()
  }
}

function isInUse(dataDir: string): boolean {
  try {
    lockFolder(dataDir)()
    return false
  } catch {
    return true
  }
}

function space(dataDir: string): Check {
  const { bavail, bsize, blocks } = statfsSync(nearestFolder(dataDir))
  const free = bavail * bsize
  const text = `${(free / GB).toFixed(1)} GB free (${Math.round((100 * bavail) / Math.max(1, blocks))} %)`
  const advice = 'When it is full, messages are refused with 507 until there is space again.'
  if (free < 0.1 * GB) return { level: 'fail', what: 'disk', text: `${text}: too little. ${advice}` }
  if (free < GB) return { level: 'warn', what: 'disk', text: `${text}: little. ${advice}` }
  return { level: 'ok', what: 'disk', text }
}

function nearestFolder(path: string): string {
  let folder = resolve(path)
  while (!existsSync(folder)) folder = dirname(folder)
  return folder
}

export async function lookIntoSqlite(dataDir: string, groupId: string, userId: string): Promise<GroupLook> {
  const file = databaseFile(dataDir)
  if (!existsSync(file)) throw new StartError(`There is no database: ${file}. Is DATA_DIR right?`)
  const db = openForReading(file)
  try {
    const log = createLogReads(db)
    const head = log.head(groupId)
    const { changes } = head
      ? log.after(groupId, { seq: head.seq, rev: Math.max(0, head.rev - changesLookedAt) }, changesLookedAt)
      : { changes: [] }
    return {
      group: createGroupReads(db).one(groupId),
      membership: createMemberReads(db).membership(groupId, userId),
      lastChange: changes.findLast((change) => isOfMember(change, userId)) ?? null,
    }
  } finally {
    db.close()
  }
}
