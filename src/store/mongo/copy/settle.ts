import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { ObjectId } from 'mongodb'
import { CopyError } from '../../copy/side.ts'
import type { FileStore } from '../../files.ts'
import { settleReserved } from '../attached-files.ts'
import { createDeletions } from '../deletions.ts'
import type { Connection } from '../engine/connect.ts'
import { isLogged } from '../group-marks.ts'
import { createNames } from '../names.ts'
import { openMongoStore } from '../store.ts'

const lookEveryMs = 300
const mostMs = 120_000
const groupsAtOnce = 100

/**
 * Ends what was begun in the database, as a service would: it adopts what the older service left, logs what was edited by hand or was
 * not logged yet, and ends deletions. Throws StartError, CopyError.
 */
export async function settle(url: string, database: string, connection: Connection): Promise<void> {
  const { store } = await openMongoStore({
    url,
    database,
    instanceId: randomBytes(6).toString('hex'),
    now: Date.now,
    newEpoch: () => randomBytes(6).toString('hex'),
    log: { info: () => undefined, warn: () => undefined },
  })
  try {
    const end = performance.now() + mostMs
    for (;;) {
      await settleFiles(connection, store.files.forget)
      const edited = await editedByHand(connection)
      // Whoever reads such a group has the edits logged.
      for (const id of edited) await store.groups.read(id)
      if (!edited.length && !(await isMarked(connection))) break
      if (performance.now() > end)
        throw new CopyError(
          'The database has changes that can not be logged. Start the service once, and look into its log.',
        )
      await sleep(lookEveryMs)
    }
  } finally {
    await store.close()
  }
  const deletions = createDeletions({
    connection,
    patient: connection,
    members: { forget: () => undefined },
    names: createNames(connection),
    readHead: async () => null,
    // Whatever this is, an end that has to be told is told when the deletion ends.
    tellsEnds: false,
    onGone: () => undefined,
  })
  // The first call finds them, and the second ends them.
  await deletions.finish()
  await deletions.finish()
}

/** Nobody is about to send a message any more: a file that is reserved for one that is not there is free, and one that is gone is in none. */
async function settleFiles(connection: Connection, forget: FileStore['forget']): Promise<void> {
  const { files, messages } = connection
  const reserved = await files.find({ reserved_at: { $exists: true } }).toArray()
  for (const [messageId, of] of Map.groupBy(reserved, ({ message_id = '' }) => message_id)) {
    const doc = await messages.findOne({ _id: new ObjectId(messageId) })
    const ids = of.map(({ _id }) => _id.toHexString())
    await settleReserved(connection, messageId, ids, doc, new Date())
  }
  const gone = await files.find({ gone: true, message_id: { $exists: true } }).toArray()
  const shown = await messages
    .find({ 'attachments.id': { $in: gone.map(({ _id }) => _id.toHexString()) } }, { projection: { _id: 1 } })
    .toArray()
  const ids = new Set(shown.map(({ _id }) => _id.toHexString()))
  const left = gone.filter(({ message_id = '' }) => ids.has(message_id))
  if (left.length) await forget(left.map(({ _id }) => _id.toHexString()))
}

/** Groups whose lists are not as the log has told them. */
async function editedByHand({ groups }: Connection): Promise<string[]> {
  const differ = { $ne: ['$authorized_user_ids', '$logged_user_ids'] }
  const found = await groups
    .aggregate<{ _id: unknown }>([
      { $match: { unlogged: null } },
      { $project: { is_edited: differ } },
      { $match: { is_edited: true } },
      { $limit: groupsAtOnce },
    ])
    .toArray()
  const docs = await groups.find({ _id: { $in: found.map(({ _id }) => _id) } } as object).toArray()
  return docs.filter((doc) => !isLogged(doc)).map(({ _id }) => _id.toHexString())
}

async function isMarked({ groups, messages, reactions, pins }: Connection): Promise<boolean> {
  const found = await Promise.all([
    groups.findOne({ unlogged: { $exists: true } }, { projection: { _id: 1 } }),
    messages.findOne({ unlogged: { $exists: true } }, { projection: { _id: 1 } }),
    messages.findOne({ count_mark: { $exists: true } }, { projection: { _id: 1 } }),
    reactions.findOne({ unlogged: { $exists: true } }, { projection: { _id: 1 } }),
    pins.findOne({ unlogged: { $exists: true } }, { projection: { _id: 1 } }),
  ])
  return found.some((doc) => doc !== null)
}
