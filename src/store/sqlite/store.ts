import { dirname } from 'node:path'
import { ChatError } from '../../domain/errors.ts'
import { startBackfill } from '../backfill.ts'
import { createDiskBlobs, filesFolder } from '../blobs/disk.ts'
import type { Store } from '../store.ts'
import { createAccountStore } from './accounts.ts'
import { createAttemptStore } from './attempts.ts'
import { createAuditStore } from './audit.ts'
import { createAvatarStore } from './avatars.ts'
import { backfills } from './backfills.ts'
import { createBanStore } from './bans.ts'
import { createBlockStore } from './blocks.ts'
import { createDeviceStore } from './devices.ts'
import { createBackfillSteps } from './engine/backfill.ts'
import { checkBeside } from './engine/check-beside.ts'
import type { Database } from './engine/database.ts'
import { isSqliteError } from './engine/failure.ts'
import { databaseFile, openForReading } from './engine/file.ts'
import { guardFiles } from './engine/file-guard.ts'
import { lockFolder } from './engine/lock.ts'
import { isCheckDue, noteUnclean } from './engine/unclean.ts'
import { startWriter, unavailable, type WriteQueue } from './engine/write-queue.ts'
import { createErasureStore } from './erasures.ts'
import { createExportStore } from './exports.ts'
import { createFeedReads, createFeedStore } from './feed.ts'
import { createFileStore } from './files.ts'
import { createGroupChanged } from './group-changes.ts'
import { createGroupReads } from './group-reads.ts'
import { createGroupStore } from './groups.ts'
import { createHeadCache } from './head-cache.ts'
import { createInviteReads, createInviteStore } from './invites.ts'
import { createLastMessages } from './last-messages.ts'
import { createLeaseStore } from './lease.ts'
import { createLetterStore } from './letters.ts'
import { createLogReads, createLogStore } from './log.ts'
import { createMemberPages } from './member-page.ts'
import { createMemberReads } from './member-reads.ts'
import { createMemberStore } from './members.ts'
import { createMembershipCache } from './membership-cache.ts'
import { createMentionStore } from './mentions.ts'
import { createMessageChanged } from './message-changes.ts'
import { createMessageReads, createMessageStore } from './messages.ts'
import { createNameReads, createNameStore } from './names.ts'
import { createPinStore } from './pins.ts'
import { createPreferenceStore } from './preferences.ts'
import { createProfileStore } from './profiles.ts'
import { createReactionStore } from './reactions.ts'
import { createReadMarkReads, createReadStore } from './reads.ts'
import { createReportStore } from './reports.ts'
import { createRetentionStore } from './retention.ts'
import { createRevisionStore } from './revisions.ts'
import { createSearchReads, createSearchStore } from './search/search.ts'
import { createSecretStore } from './secrets.ts'
import { createSessionStore } from './sessions.ts'
import { createStatsStore } from './stats.ts'
import type { Writes } from './writes.ts'

export interface SqliteOptions {
  /** The folder of the database, made if need be. One process at a time can use it. */
  dataDir: string
  /** Makes an epoch: 1..32 letters and digits, never the same twice. */
  newEpoch(): string
  log?: Parameters<typeof startBackfill>[0]['log']
  /** How many members a group may have; 10,000 unless given. */
  maxGroupMembers?: number
  /** A group's end leaves a letter that tells of it. */
  tellsEnds?: boolean
  /** The file that the writer's thread runs, where it is not the one beside this file. */
  writerFile?: URL
  /** Is called when opening may take long, so that whoever asks meanwhile hears that. */
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

const silent = { info: () => undefined, warn: () => undefined }

/** The writer is TypeScript when the sources are run; in the bundle it lies beside this file as JavaScript. */
const writerBeside = import.meta.url.endsWith('.ts') ? './writer.ts' : './writer.js'

/** So many memberships are kept in memory, which is some 20 MB. */
const cachedMemberships = 100_000
/** So many groups' heads are kept in memory, which is some 10 MB. */
const cachedHeads = 50_000

/**
 * Opens the store in one file, `chat.db`: written by a worker thread, read here by a connection of our own.
 * Throws StartError when the folder or the file can't be used.
 */
export async function openSqliteStore({
  dataDir,
  newEpoch,
  log = silent,
  maxGroupMembers = 10_000,
  tellsEnds = false,
  writerFile = new URL(writerBeside, import.meta.url),
  onWaiting,
  onFatal,
}: SqliteOptions): Promise<SqliteStore> {
  const unlock = lockFolder(dataDir)
  let queue: WriteQueue<Writes> | undefined
  try {
    const file = databaseFile(dataDir)
    noteUnclean(file)
    if (isCheckDue(file)) onWaiting?.()
    queue = await startWriter<Writes>(
      writerFile,
      { file, newEpoch: newEpoch(), options: { tellsEnds } },
      onFatal,
    )
    return createStore(
      queue,
      file,
      { newEpoch, log, maxGroupMembers },
      {
        unguard: guardFiles([file, `${file}-wal`], onFatal),
        endCheck: isCheckDue(file) ? checkBeside(file, onFatal) : () => undefined,
        unlock,
      },
    )
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
  queue: WriteQueue<Writes>,
  file: string,
  { newEpoch, log, maxGroupMembers }: Required<Pick<SqliteOptions, 'newEpoch' | 'log' | 'maxGroupMembers'>>,
  { unguard, endCheck, unlock }: Held,
): SqliteStore {
  const reader = openForReading(file)
  const memberships = createMembershipCache(cachedMemberships)
  const heads = createHeadCache(cachedHeads)
  let epoch = queue.epoch
  let closed: Promise<void> | undefined

  const database: Database<Writes> = {
    read(run) {
      if (!reader.isOpen) throw unavailable('The store is closed.')
      try {
        return run()
      } catch (error) {
        throw isSqliteError(error) ? unavailable('The database could not be read.', error) : error
      }
    },
    write: (name, ...args) =>
      closed ? Promise.reject(unavailable('The store is closed.')) : queue.write(name, ...args),
  }
  const { write } = database
  const lease = createLeaseStore(database)
  const backfill = startBackfill({
    steps: createBackfillSteps(database, reader, backfills),
    leases: lease,
    log,
  })

  const reads = createMessageReads(reader)
  const changed = createMessageChanged({ database, heads, readMessage: reads.one })
  const memberReads = createMemberReads(reader)
  const groupChanged = createGroupChanged({ memberships, heads })
  const ofGroups = { database, heads, changed: groupChanged, maxMembers: maxGroupMembers }

  const close = async () => {
    // Writes that wait are done first, while their answers can still read. If one fails, its caller has been told.
    await Promise.allSettled([queue.write('ping'), backfill.stop()])
    unguard()
    await endCheck()
    reader.close()
    await queue.close()
    unlock()
  }

  /** The same operations, which a closed store refuses. */
  const whileOpen = <Noun extends object>(operations: Noun): Noun =>
    Object.fromEntries(
      Object.entries(operations).map(([name, operation]) => [
        name,
        async (...args: unknown[]) => {
          if (closed) throw unavailable('The store is closed.')
          return operation(...args)
        },
      ]),
    ) as Noun

  return {
    kind: 'sqlite',
    get epoch() {
      return epoch
    },

    async ping() {
      try {
        await write('ping')
      } catch (error) {
        // The store answers, even if there was no room for what was written beside the ping.
        if (!(error instanceof ChatError && error.code === 'storage_full')) throw error
      }
    },

    groups: createGroupStore({ ...ofGroups, reads: createGroupReads(reader) }),
    members: createMemberStore({
      ...ofGroups,
      cache: memberships,
      reads: memberReads,
      readPage: createMemberPages(reader),
    }),
    bans: createBanStore({ db: reader, database, reads: memberReads, changed: groupChanged }),
    messages: createMessageStore({ database, heads, reads, readLast: createLastMessages(reader), changed }),
    mentions: createMentionStore({ db: reader, database }),
    revisions: createRevisionStore({ db: reader, database, readMessage: reads.one }),
    reactions: createReactionStore({ db: reader, database, changed }),
    pins: createPinStore({ db: reader, database, readMessages: reads.some, changed }),
    reads: createReadStore({ database, reads: createReadMarkReads(reader) }),
    blobs: whileOpen(createDiskBlobs(filesFolder(dirname(file)))),
    files: createFileStore({ db: reader, database, memberReads, heads, changed }),
    invites: createInviteStore({
      database,
      reads: createInviteReads(reader),
      memberReads,
      changed: groupChanged,
      maxMembers: maxGroupMembers,
    }),
    names: createNameStore(database, createNameReads(reader)),
    preferences: createPreferenceStore({ db: reader, database }),
    exports: createExportStore({ db: reader, database }),
    erasures: createErasureStore({ db: reader, database, heads }),
    reports: createReportStore({ db: reader, database }),
    retention: createRetentionStore({ db: reader, database, heads }),
    audit: createAuditStore({ db: reader, database }),
    profiles: createProfileStore({ db: reader, database }),
    blocks: createBlockStore({ db: reader, database }),
    avatars: createAvatarStore({ db: reader, database }),
    log: createLogStore({ database, heads, reads: createLogReads(reader) }),
    search: createSearchStore({ database, reads: createSearchReads(reader), isBusy: queue.isBusy }),
    feed: createFeedStore({ database, reads: createFeedReads(reader) }),
    lease,
    secrets: createSecretStore(database),
    accounts: createAccountStore({ db: reader, database }),
    sessions: createSessionStore({ db: reader, database }),
    attempts: createAttemptStore({ db: reader, database }),
    letters: createLetterStore({ db: reader, database }),
    devices: createDeviceStore({ db: reader, database }),
    stats: createStatsStore(database, reader, file),

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
