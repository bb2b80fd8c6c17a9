import { type Collection, ObjectId } from 'mongodb'
import { isOfMember } from '../../domain/changes.ts'
import { blobCollections, createGridFsBlobs } from '../blobs/gridfs.ts'
import type { Check } from '../check.ts'
import { erasureCheck } from '../erasure-check.ts'
import { checkFiles } from '../file-check.ts'
import type { GroupLook } from '../group-look.ts'
import { StartError } from '../start-error.ts'
import { toChange } from './documents.ts'
import { incurable, whyAway } from './engine/absence.ts'
import { type Connection, connect, defaultTimeouts } from './engine/connect.ts'
import { toChatError } from './engine/failure.ts'
import { hello } from './engine/hello.ts'
import { createFeed } from './feed.ts'
import { toGroup, toGroupWithMembers } from './group-documents.ts'
import { membershipOf, readPeople } from './people.ts'

const skewMs = { warn: 1_000, fail: 10_000 }
const changesLookedAt = 1_000
const filesAtOnce = 1_000

export async function inspectMongo(url: string, database: string): Promise<Check[]> {
  let connection: Connection
  try {
    connection = connect(url, database, defaultTimeouts)
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    return [{ level: 'fail', what: 'database', text: error.message }]
  }
  try {
    await connection.open()
    return [
      await reachable(connection, database),
      await writable(connection),
      await replicaSet(connection),
      await changeStreams(connection),
      await clock(connection),
      await filesOf(connection),
      erasureCheck(await connection.erasures.countDocuments({ user_id: { $exists: true } })),
    ]
  } catch (error) {
    const text =
      incurable(error)?.message ??
      `${whyAway(error)} Is it up, is the address right, does a firewall stand between?`
    return [{ level: 'fail', what: 'database', text }]
  } finally {
    await connection.close()
  }
}

async function filesOf({ db, files }: Connection): Promise<Check> {
  const idsIn = async (
    collection: Pick<Collection<{ _id: ObjectId }>, 'find'>,
    filter: object,
    limit = 0,
  ) => {
    const docs = await collection.find(filter, { sort: { _id: 1 }, limit, projection: { _id: 1 } }).toArray()
    return docs.map(({ _id }) => _id.toHexString())
  }
  const among = (ids: readonly string[]) => ({ _id: { $in: ids.map((id) => new ObjectId(id)) } })
  const known = files as object as Collection<{ _id: ObjectId }>
  const kept = blobCollections(db).files as object as Collection<{ _id: ObjectId }>
  return checkFiles({
    listFiles: (after) =>
      idsIn(
        known,
        { gone: { $exists: false }, ...(after && { _id: { $gt: new ObjectId(after) } }) },
        filesAtOnce,
      ),
    present: (ids) => idsIn(kept, among(ids)),
    known: (ids) => idsIn(known, among(ids)),
    blobs: createGridFsBlobs(db),
  })
}

/** How many groups' logs moved since this consumer dealt with them, at most so many; null when it never did. */
export async function waitingInMongo(
  url: string,
  database: string,
  consumer: string,
  most: number,
): Promise<number | null> {
  const connection = connect(url, database, defaultTimeouts)
  try {
    await connection.open()
    const feed = createFeed({ connection, socketMs: 0 })
    const cursor = await feed.load(consumer)
    return cursor === null ? null : (await feed.read(cursor, most)).moved.length
  } finally {
    await connection.close()
  }
}

async function reachable({ db }: Connection, database: string): Promise<Check> {
  const start = performance.now()
  await db.command({ ping: 1 })
  const ms = Math.round(performance.now() - start)
  return {
    level: ms > 100 ? 'warn' : 'ok',
    what: 'database',
    text: `MongoDB, ${database} answers in ${ms} ms`,
  }
}

/** Writes with the write concern that an acknowledged message has. */
async function writable({ meta }: Connection): Promise<Check> {
  const what = 'writes'
  const _id = `doctor:${new ObjectId().toHexString()}`
  try {
    await meta.insertOne({ _id })
    await meta.deleteOne({ _id })
    return { level: 'ok', what, text: 'a majority of the replica set takes them' }
  } catch (error) {
    const text = `refused: ${messageOf(error)}. The user needs the role readWrite, and a majority must be up.`
    return { level: 'fail', what, text }
  }
}

async function replicaSet(connection: Connection): Promise<Check> {
  const { setName } = await hello(connection)
  if (setName !== undefined) return { level: 'ok', what: 'replica set', text: setName }
  const text =
    'none: without one there are no change streams, and other instances are heard of by asking. Start mongod with --replSet.'
  return { level: 'warn', what: 'replica set', text }
}

async function changeStreams({ groups }: Connection): Promise<Check> {
  const what = 'change streams'
  const stream = groups.watch([], { maxAwaitTimeMS: 100 })
  try {
    await stream.tryNext()
    return { level: 'ok', what, text: 'they answer' }
  } catch (error) {
    const text = `they don't (${messageOf(error)}): messages of other instances arrive up to a second late.`
    return { level: 'warn', what, text }
  } finally {
    await stream.close()
  }
}

async function clock(connection: Connection): Promise<Check> {
  const what = 'clock'
  const before = Date.now()
  const { localTime } = await hello(connection)
  if (!(localTime instanceof Date)) return { level: 'warn', what, text: "the database doesn't tell its time" }
  return ofSkew(Math.round((before + Date.now()) / 2 - localTime.getTime()))
}

/** `skew` is by how many milliseconds this machine's clock is ahead of the database's. */
export function ofSkew(skew: number): Check {
  const what = 'clock'
  const text = `${Math.abs(skew)} ms ${skew < 0 ? 'behind' : 'ahead of'} the database's`
  const advice = 'Run NTP on both: tokens and times of messages go by this clock.'
  if (Math.abs(skew) >= skewMs.fail) return { level: 'fail', what, text: `${text}. ${advice}` }
  if (Math.abs(skew) >= skewMs.warn) return { level: 'warn', what, text: `${text}. ${advice}` }
  return { level: 'ok', what, text }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export async function lookIntoMongo(
  url: string,
  database: string,
  groupId: string,
  userId: string,
): Promise<GroupLook> {
  const connection = connect(url, database, defaultTimeouts)
  try {
    await connection.open()
    const doc = await connection.groups.findOne({ _id: new ObjectId(groupId) })
    const changes = await connection.changes
      .find({ group_id: groupId })
      .sort({ rev: -1 })
      .limit(changesLookedAt)
      .toArray()
    const last = changes.map(toChange).find((change) => isOfMember(change, userId))
    const group = doc && toGroupWithMembers(doc)
    const people = await readPeople(connection, groupId, [userId])
    const isListed = group?.authorizedUserIds.includes(userId) ?? false
    return {
      group,
      membership: doc && membershipOf(toGroup(doc), userId, isListed, people),
      lastChange: last ?? null,
    }
  } catch (error) {
    throw toChatError(error)
  } finally {
    await connection.close()
  }
}
