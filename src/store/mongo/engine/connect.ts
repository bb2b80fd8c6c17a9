import { type Collection, type Db, MongoClient, ReadConcern } from 'mongodb'
import { StartError } from '../../start-error.ts'
import type { AccountDoc, AttemptDoc, SessionDoc } from '../account-documents.ts'
import type {
  ChangeDoc,
  GroupDoc,
  HeadDoc,
  MemberDoc,
  MessageDoc,
  PinsDoc,
  ReactionDoc,
  RosterDoc,
} from '../documents.ts'
import type { FileDoc, UploadsDoc } from '../file-documents.ts'
import type {
  AuditDoc,
  AvatarDoc,
  BanDoc,
  BlockDoc,
  ConsumedDoc,
  DeviceDoc,
  ErasureDoc,
  InviteDoc,
  LetterDoc,
  MetaDoc,
  NameDoc,
  PreferenceDoc,
  ProfileDoc,
  ReportDoc,
  RevisionDoc,
  SearchDoc,
  SignalDoc,
  TotalsDoc,
} from '../own-documents.ts'
import type { ReadDoc } from '../read-documents.ts'
import { type Causal, createCausal } from './causal.ts'
import { watchDriver } from './driver-watchdog.ts'
import { guardFromHanging, type UnlessHung } from './hang-guard.ts'
import { whenAvailable } from './retry.ts'

/** All in milliseconds. */
export interface Timeouts {
  /** A request to the store as a whole. After that the caller is told `unavailable`. */
  request: number
  /** Finding a server that takes writes. */
  select: number
  /** Getting a connection to it; as `select` unless given. */
  connection?: number
  /** One answer on a connection. Longer than a stream's wait of 1,000. */
  socket: number
  /** A write's way to a majority of the replica set. */
  write: number
}

export const defaultTimeouts: Timeouts = { request: 5_000, select: 2_000, socket: 4_000, write: 3_000 }

/** Twice what the driver allows one operation for a server, a connection and the answer. */
const hungAfter = ({ select, socket }: Timeouts): number => 2 * (2 * select + socket)

/** Where the store says what an operator should know. */
export interface StoreLog {
  info(event: string, fields: Record<string, unknown>): void
  warn(event: string, fields: Record<string, unknown>): void
}

/** One command that was sent to MongoDB. */
export interface Command {
  name: string
  collection: string
  durationMs: number
  failed: boolean
}

export interface Connection {
  readonly db: Db
  readonly groups: Collection<GroupDoc>
  readonly messages: Collection<MessageDoc>
  readonly reactions: Collection<ReactionDoc>
  readonly pins: Collection<PinsDoc>
  readonly revisions: Collection<RevisionDoc>
  readonly reads: Collection<ReadDoc>
  readonly files: Collection<FileDoc>
  readonly uploads: Collection<UploadsDoc>
  readonly changes: Collection<ChangeDoc>
  readonly heads: Collection<HeadDoc>
  readonly members: Collection<MemberDoc>
  readonly bans: Collection<BanDoc>
  readonly invites: Collection<InviteDoc>
  readonly names: Collection<NameDoc>
  readonly preferences: Collection<PreferenceDoc>
  readonly blocks: Collection<BlockDoc>
  readonly avatars: Collection<AvatarDoc>
  readonly profiles: Collection<ProfileDoc>
  readonly rosters: Collection<RosterDoc>
  readonly audit: Collection<AuditDoc>
  readonly reports: Collection<ReportDoc>
  readonly erasures: Collection<ErasureDoc>
  readonly signals: Collection<SignalDoc>
  readonly meta: Collection<MetaDoc>
  readonly consumed: Collection<ConsumedDoc>
  readonly search: Collection<SearchDoc>
  readonly letters: Collection<LetterDoc>
  readonly devices: Collection<DeviceDoc>
  readonly totals: Collection<TotalsDoc>
  readonly accounts: Collection<AccountDoc>
  readonly sessions: Collection<SessionDoc>
  readonly attempts: Collection<AttemptDoc>
  /** The reads for what is served, and for what decides whether something is missing. */
  readonly causal: Causal
  readonly unlessHung: UnlessHung
  /**
   * Resolves when the server answers. To be repeated until it has, because a driver that never connected does not try again.
   */
  open(): Promise<void>
  /**
   * Calls back when a connection broke, because the driver may have reopened a stream by itself, and the stream missed
   * something.
   */
  onBroken(callback: () => void): void
  /** Calls back when the driver hung and was started anew; what was under way has failed. */
  onRestart(callback: () => void): void
  close(): Promise<void>
}

/**
 * Connects when opened. The options that the store's promises rest on override those of the URL.
 * Throws StartError when the URL can't be read.
 */
export function connect(
  url: string,
  database: string,
  timeouts: Timeouts,
  onCommand?: (command: Command) => void,
): Connection {
  const client = createClient(url, timeouts, onCommand !== undefined)
  if (onCommand) reportCommands(client, onCommand)
  // The concerns are given here and not to the client, where some options of the URL would override them.
  const db = client.db(database, {
    readPreference: 'primary',
    readConcern: new ReadConcern('majority'),
    writeConcern: { w: 'majority', journal: true, wtimeoutMS: timeouts.write },
  })
  const causal = createCausal(client)
  const closing = new AbortController()
  let restarting = Promise.resolve()
  let restarted = (): void => undefined
  const stopWatching = watchDriver(client, timeouts.select, () => {
    restarted()
    restarting = restart().catch(() => undefined) // it fails only when the connection is closed meanwhile
  })

  async function restart(): Promise<void> {
    await client.close(true)
    await whenAvailable(
      () => client.connect(),
      () => undefined,
      closing.signal,
    )
  }

  return {
    db,
    groups: db.collection('groups'),
    messages: db.collection('messages'),
    reactions: db.collection('reactions'),
    pins: db.collection('pins'),
    revisions: db.collection('revisions'),
    reads: db.collection('reads'),
    files: db.collection('files'),
    uploads: db.collection('uploads'),
    changes: db.collection('changes'),
    heads: db.collection('heads'),
    members: db.collection('members'),
    bans: db.collection('bans'),
    invites: db.collection('invites'),
    names: db.collection('names'),
    preferences: db.collection('preferences'),
    blocks: db.collection('blocks'),
    avatars: db.collection('avatars'),
    profiles: db.collection('profiles'),
    rosters: db.collection('rosters'),
    audit: db.collection('audit'),
    reports: db.collection('reports'),
    erasures: db.collection('erasures'),
    signals: db.collection('signals'),
    meta: db.collection('meta'),
    consumed: db.collection('consumed'),
    search: db.collection('search'),
    letters: db.collection('letters'),
    devices: db.collection('devices'),
    totals: db.collection('tally'),
    accounts: db.collection('accounts'),
    sessions: db.collection('sessions'),
    attempts: db.collection('attempts'),
    causal,
    unlessHung: guardFromHanging(client, hungAfter(timeouts)),
    async open() {
      await client.connect()
    },
    onBroken(callback) {
      client.on('connectionClosed', ({ reason }) => reason === 'error' && callback())
      client.on('connectionPoolCleared', callback)
    },
    onRestart(callback) {
      restarted = callback
    },
    async close() {
      stopWatching()
      closing.abort()
      await restarting
      await client.close(true)
    },
  }
}

function createClient(url: string, timeouts: Timeouts, monitorCommands: boolean): MongoClient {
  try {
    return new MongoClient(url, {
      appName: 'chat-api',
      // The store settles a failed write by reading: repeated blindly on a new primary, an append could leave a hole.
      retryWrites: false,
      ignoreUndefined: true,
      serverSelectionTimeoutMS: timeouts.select,
      connectTimeoutMS: timeouts.connection ?? timeouts.select,
      waitQueueTimeoutMS: timeouts.connection ?? timeouts.select,
      socketTimeoutMS: timeouts.socket,
      monitorCommands,
    })
  } catch (error) {
    throw new StartError(`MONGODB_URL can't be read: ${error instanceof Error ? error.message : error}`)
  }
}

function reportCommands(client: MongoClient, onCommand: (command: Command) => void): void {
  const collections = new Map<number, string>()
  client.on('commandStarted', ({ requestId, commandName, command }) => {
    collections.set(requestId, String(command.collection ?? command[commandName]))
  })
  const report = (event: { requestId: number; commandName: string; duration: number }, failed: boolean) => {
    const collection = collections.get(event.requestId) ?? ''
    collections.delete(event.requestId)
    onCommand({ name: event.commandName, collection, durationMs: event.duration, failed })
  }
  client.on('commandSucceeded', (event) => report(event, false))
  client.on('commandFailed', (event) => report(event, true))
}
