import type { BackfillStep } from '../../backfill.ts'
import { createGridFsBlobs } from '../../blobs/gridfs.ts'
import { CopyError, type NounCopies, type NounCopy, type Side } from '../../copy/side.ts'
import { backfillSteps, backfills } from '../backfills.ts'
import { whyAway } from '../engine/absence.ts'
import { keepAllDone } from '../engine/backfill.ts'
import { type Connection, connect, defaultTimeouts } from '../engine/connect.ts'
import { isDatabaseError } from '../engine/failure.ts'
import { indexSteps, makeIndexes } from '../engine/indexes.ts'
import { createJournal, refuseUnfinishedCopy } from './journal.ts'
import { createNounCopies } from './nouns.ts'
import { settle } from './settle.ts'
import { readUse, requireIdle, requireSameUse, type Use } from './use.ts'

/** A page, an index, or a cursor that sorts may take so many milliseconds. */
const patientMs = 600_000
const timeouts = { ...defaultTimeouts, connection: 60_000, socket: patientMs, write: 60_000 }

/** Throws StartError, and CopyError when a service uses the database. */
export async function openMongoSide(url: string, database: string, role: 'source' | 'target'): Promise<Side> {
  const name = `the database ${database} of ${hostsOf(url)}`
  const connection = connect(url, database, timeouts)
  try {
    await connection.open()
    await requireIdle(connection, name)
    if (role === 'target') await makeIndexes(connection)
    else {
      if (!(await connection.groups.findOne({}, { projection: { _id: 1 } })) && !(await hasEpoch(connection)))
        throw new CopyError(`There is no data in ${name}.`)
      await refuseUnfinishedCopy(connection)
      await settle(url, database, connection)
      await doAll(backfillSteps(connection, connection))
    }
    return createSide(connection, name, await readUse(connection))
  } catch (error) {
    await connection.close()
    throw told(error, name)
  }
}

/** What a URL names beside user, password and options. */
export const hostsOf = (url: string): string =>
  /^mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?([^/?]+)/.exec(url)?.[1] ?? ''

const hasEpoch = async ({ meta }: Connection) => (await meta.findOne({ _id: 'epoch' })) !== null

const told = (error: unknown, name: string): unknown =>
  isDatabaseError(error)
    ? new CopyError(`${name}: ${whyAway(error)} Run the same command again: it goes on where it was.`, {
        cause: error,
      })
    : error

async function doAll(steps: readonly BackfillStep[]): Promise<void> {
  for (const step of steps)
    for (let isDone = await step.isDone(); !isDone; ) ({ isDone } = await step.portion())
}

function createSide(connection: Connection, name: string, use: Use): Side {
  const nouns: NounCopies = createNounCopies(connection)
  const journal = createJournal(connection)
  const collections = new Set(Object.values(nouns).flatMap(({ keptIn }) => keptIn))

  async function tell<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw told(error, name)
    }
  }

  return {
    kind: 'mongodb',
    name,
    nouns,
    blobs: createGridFsBlobs(connection.db),

    isEmpty: () =>
      tell(async () => {
        for (const collection of collections) {
          const found = await connection.db.collection(collection).findOne({}, { projection: { _id: 1 } })
          if (found) return false
        }
        return true
      }),

    journal: () => tell(journal.read),

    keep: (next, noun, records) =>
      tell(async () => {
        // A page that was written without its journal is written again, and finds itself there.
        if (noun && records) await (nouns[noun] as NounCopy<unknown>).fill(records)
        await journal.write(next)
      }),

    complete: () =>
      tell(async () => {
        await keepAllDone(connection, backfills(connection))
        await doAll(indexSteps(connection))
      }),

    requireUnused: () => tell(() => requireSameUse(connection, name, use)),
    close: () => connection.close(),
  }
}
