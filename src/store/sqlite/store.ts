import type { Change } from '../../domain/change.ts'
import { ChatError, notFound } from '../../domain/errors.ts'
import { type Message, sentMessage } from '../../domain/message.ts'
import type { Store } from '../store.ts'
import type { Written } from '../written.ts'
import { checkBeside } from './engine/check-beside.ts'
import { isSqliteError } from './engine/failure.ts'
import { databaseFile, openForReading } from './engine/file.ts'
import { guardFiles } from './engine/file-guard.ts'
import { lockFolder } from './engine/lock.ts'
import { isCheckDue, noteUnclean } from './engine/unclean.ts'
import type { TrimStep } from './engine/upkeep.ts'
import { startWriter, unavailable, type WriteQueue } from './engine/write-queue.ts'
import { createGroupCache } from './group-cache.ts'
import { createHeadCache } from './head-cache.ts'
import { createReads } from './reads.ts'
import { createStats } from './totals.ts'

export interface SqliteOptions {
  /** The folder of the database, made if need be. One process at a time can use it. */
  dataDir: string
  /** Makes an epoch: 1..32 letters and digits, never the same twice. */
  newEpoch(): string
  /** It may take long to open: whoever asks meanwhile is to hear that. */
  onWaiting?(): void
  /**
   * Called at most once, when the outcome of a write is unknown or the writer died: nothing is acknowledged from then
   * on, and the process should end, because only a restart can tell what is on the disk.
   */
  onFatal(error: Error): void
}

export interface SqliteStore extends Store {
  /** To be called after a restore from a backup: cursors from before mean nothing any more. */
  renewEpoch(): Promise<void>
}

/** Members of the groups that are kept at hand, together: some 20 MB. */
const cachedMembers = 200_000
/** Groups whose heads are kept at hand: some 10 MB. */
const cachedHeads = 50_000

/**
 * Opens the store in one file, `chat.db`: written by a worker thread, read here by a connection of our own.
 * Throws StartError when the folder or the file can't be used.
 */
export async function openSqliteStore({
  dataDir,
  newEpoch,
  onWaiting,
  onFatal,
}: SqliteOptions): Promise<SqliteStore> {
  const unlock = lockFolder(dataDir)
  let queue: WriteQueue | undefined
  try {
    const file = databaseFile(dataDir)
    noteUnclean(file)
    if (isCheckDue(file)) onWaiting?.()
    queue = await startWriter({ file, newEpoch: newEpoch() }, onFatal)
    return createStore(queue, file, newEpoch, {
      unguard: guardFiles([file, `${file}-wal`], onFatal),
      endCheck: isCheckDue(file) ? checkBeside(file, onFatal) : () => undefined,
      unlock,
    })
  } catch (error) {
    await queue?.close()
    unlock()
    throw error
  }
}

/** What an open store holds, and how to let go of it. */
interface Held {
  /** To be called before the database is closed, which removes its log. */
  unguard(): void
  endCheck(): unknown
  unlock(): void
}

function createStore(
  queue: WriteQueue,
  file: string,
  newEpoch: () => string,
  { unguard, endCheck, unlock }: Held,
): SqliteStore {
  const reader = openForReading(file)
  const reads = createReads(reader)
  const stats = createStats(reader, file)
  const groups = createGroupCache(cachedMembers)
  const heads = createHeadCache(cachedHeads)
  let epoch = queue.epoch
  let closed: Promise<void> | undefined

  const write: WriteQueue['write'] = (name, ...args) =>
    closed ? Promise.reject(unavailable('The store is closed.')) : queue.write(name, ...args)

  const read = <T>(run: () => T): T => {
    if (!reader.isOpen) throw unavailable('The store is closed.')
    try {
      return run()
    } catch (error) {
      throw isSqliteError(error) ? unavailable('The database could not be read.', error) : error
    }
  }

  /** Whatever came of it, the group is read again before the writer is answered. */
  const changing = <T>(id: string, written: Promise<T>): Promise<T> =>
    written.finally(() => groups.forget(id))

  /** Reads the message of a change when that is durable, so that text deleted since is not told. */
  const changed = async (id: string, logged: Promise<Change | null>): Promise<Written<Message>> => {
    const change = await logged
    if (change) heads.raise(change.groupId, change)
    const message = read(() => reads.message(id))
    if (!message) throw notFound('message')
    return { value: message, changes: change ? [change] : [] }
  }

  const close = async () => {
    // What waits is written first, and its answers may still read. If that fails, who waits has been told.
    await Promise.allSettled([queue.write('ping')])
    unguard()
    await endCheck()
    reader.close()
    await queue.close()
    unlock()
  }

  return {
    kind: 'sqlite',
    get epoch() {
      return epoch
    },

    async ping() {
      try {
        await write('ping')
      } catch (error) {
        // It answers, even if there was no room for what was written beside the ping.
        if (!(error instanceof ChatError && error.code === 'storage_full')) throw error
      }
    },

    groups: {
      async create(group) {
        await write('createGroup', group)
        return { value: group, changes: [] }
      },
      read: async (id) => read(() => groups.get(id, reads.group)),
      confirm: async (id) => read(() => groups.get(id, reads.group)),
      list: async (userId, page) => read(() => reads.groupsOf(userId, page)),
      listIds: async (userId, limit) => read(() => reads.groupIdsOf(userId, limit)),
      async update(id, patch, by, at) {
        const written = await changing(id, write('updateGroup', id, patch, by, at))
        for (const change of written.changes) heads.raise(id, change)
        return written
      },
      async delete(id, by) {
        await changing(id, write('deleteGroup', id, by)).finally(() => heads.forget(id))
        return { value: null, changes: [] }
      },
    },

    messages: {
      async append(send, by) {
        const written = await write('appendMessage', send, by)
        if (typeof written === 'number') heads.raise(send.groupId, { seq: written })
        return typeof written === 'number'
          ? { value: sentMessage(send, written), changes: [], repeat: false }
          : { value: written, changes: [], repeat: true }
      },
      edit: (id, content, by, at) => changed(id, write('editMessage', id, content, by, at)),
      delete: (id, by, at) => changed(id, write('deleteMessage', id, by, at)),
      read: async (id) => read(() => reads.message(id)),
      readMany: async (ids) => read(() => reads.messages(ids)),
      list: async (groupId, page) => read(() => reads.page(groupId, page)),
    },

    log: {
      readHead: async (groupId) => read(() => heads.get(groupId, reads.head)),
      read: async (groupId, after, limit) => read(() => reads.log(groupId, after, limit)),
      readStart: async (groupId) => read(() => reads.logStart(groupId)),
      async trim(before) {
        let total = 0
        for (let after: string | null = ''; after !== null; ) {
          const { dropped, next }: TrimStep = await write('trimStep', before, after)
          total += dropped
          after = next
        }
        return total
      },
    },

    stats: { read: async (at) => read(() => stats(at)) },

    async renewEpoch() {
      const renewed = newEpoch()
      await write('setEpoch', renewed)
      epoch = renewed
    },

    // No other process writes here, so there is nothing to tell.
    watch: () => undefined,

    close: () => {
      closed ??= close()
      return closed
    },
  }
}
