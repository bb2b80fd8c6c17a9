import type { ChatError } from '../../domain/errors.ts'
import { startBackfill } from '../backfill.ts'
import { createGridFsBlobs } from '../blobs/gridfs.ts'
import type { Store } from '../store.ts'
import { createAccounts } from './accounts.ts'
import { createAdopter } from './adoption/adopt.ts'
import { startAdoption } from './adoption/adoption.ts'
import { createHandEdits } from './adoption/hand-edits.ts'
import { keepMissedHeads } from './adoption/missed-heads.ts'
import { createReplacedMessages } from './adoption/replaced-messages.ts'
import { createAttempts } from './attempts.ts'
import { createAudit } from './audit.ts'
import { createAvatars } from './avatars.ts'
import { backfillSteps } from './backfills.ts'
import { createBlocks } from './blocks.ts'
import { unlessIncurable } from './engine/absence.ts'
import { createClosing } from './engine/closing.ts'
import { defaultTimeouts } from './engine/connect.ts'
import { connectAll } from './engine/connections.ts'
import { readEpoch } from './engine/epoch.ts'
import { createGuard } from './engine/guard.ts'
import { makeIndexes } from './engine/indexes.ts'
import { startJob } from './engine/job.ts'
import { unlessAborted, whenAvailable } from './engine/retry.ts'
import { createWaiting } from './engine/waiting.ts'
import { createFeed } from './feed.ts'
import { createGroupParts } from './group-parts.ts'
import { createLastMessages } from './last-messages.ts'
import { createLeaseStore, createLeases } from './lease.ts'
import { createChangeLog } from './log/changes.ts'
import { createKeptHeads } from './log/heads.ts'
import { createLogs } from './log/logs.ts'
import { createPending } from './log/pending.ts'
import { createTurns } from './log/turns.ts'
import { createMemberList } from './member-list.ts'
import { createMembers } from './members.ts'
import { createMessageParts } from './message-parts.ts'
import type { MongoOptions, MongoStore } from './options.ts'
import { createProfiles } from './profiles.ts'
import { createReadMarks } from './read-marks.ts'
import { createRosters } from './rosters.ts'
import { createSearch } from './search.ts'
import { createSecrets } from './secrets.ts'
import { createSessions } from './sessions.ts'
import { createSharing } from './shared-groups.ts'
import { createTotals } from './stats.ts'
import { createSignals } from './stream/signals.ts'
import { openWatch } from './stream/watch.ts'

const sweepEveryMs = 1_500

/**
 * Opens the store, and waits while the database is away. Resolves when all that an older service left in it
 * is adopted, by this instance or another. Throws StartError for what no waiting mends (a URL that can't be
 * read, a user that is refused, an index that can't be made), and the signal's reason when aborted.
 */
export async function openMongoStore(options: MongoOptions): Promise<MongoStore> {
  const { url, database, instanceId, now, log, signal } = options
  const timeouts = { ...defaultTimeouts, ...options.timeouts }
  const { onCommand } = options
  const connections = connectAll({ url, database, timeouts, log, onCommand })
  const { connection, patient, watching } = connections
  const waiting = createWaiting({ log, clock: options.clock ?? (() => performance.now()) })
  const onWaiting = (error: ChatError, retryInMs: number): void => {
    waiting.onWaiting(error, retryInMs)
    options.onWaiting?.(error, retryInMs)
  }
  /** Waits while the database is away. Any other error ends the start. */
  const patiently = <T>(work: () => Promise<T>): Promise<T> =>
    whenAvailable(() => unlessIncurable(work), onWaiting, signal)
  const onError = (event: string) => (error: unknown) => log.warn(event, { error })

  try {
    for (const each of connections.all) await patiently(each.open)
    await patiently(() => makeIndexes(patient))
    const epoch = await patiently(() => readEpoch(connection, options.newEpoch))
    waiting.ended()
    return await open(epoch)
  } catch (error) {
    await Promise.all(connections.all.map((each) => each.close()))
    throw error
  }

  async function open(epoch: string): Promise<MongoStore> {
    const requestMs = timeouts.request
    const deadline = (): number => performance.now() + requestMs
    const heads = createKeptHeads(connection, onError('heads_not_kept'))
    const turns = createTurns({
      instanceId,
      clock: () => performance.now(),
      send: (signal) => signals.send(signal),
    })
    const signals = createSignals({
      connection,
      instanceId,
      now,
      onTurn: turns.heard,
      onError: onError('signals_dropped'),
    })
    const changeLog = createChangeLog(connection, heads, turns)
    const audit = createAudit(connection)
    const pending = createPending({ changeLog, audit, requestMs })
    const rosters = createRosters(connection)
    const marks = createReadMarks(connection, onError('read_marks_not_kept'))
    const members = createMembers({
      connection,
      pending,
      rosters,
      marks,
      now,
      provedAt: () => watch.groupsProvedAt,
      onUnlogged: (id) => handEdits.seen(id),
    })
    const logs = createLogs(connection, patient, heads)
    const totals = createTotals({ connection, logs, now, onError: onError('tally_not_kept') })
    const { maxGroupMembers: maxMembers = 10_000, tellsEnds = false } = options
    const shared = { connection, members, heads, audit, now }
    const groupParts = createGroupParts({ ...shared, patient, rosters, logs, totals, maxMembers, tellsEnds })
    const { groups, memberChanges, bans, invites, names, preferences, numbers, deletions, reports } =
      groupParts
    const { messages, edits, replies, revisions, mentions, reactions, pins, reads, files, ...duties } =
      createMessageParts({
        ...shared,
        patient,
        pending,
        changeLog,
        marks,
        turns,
        preferences,
        totals,
        now,
        deadline,
        maxBatch: options.maxBatch ?? 256,
        provedAt: () => watch.messagesProvedAt,
      })
    const profiles = createProfiles(connection)
    const search = createSearch(connection)
    const blobs = createGridFsBlobs(connection.db)
    const onHandEdit = { requestMs, onError: onError('hand_edits_failed') }
    const handEdits = createHandEdits({ ...onHandEdit, connection, members })
    const onReplaced = { requestMs, onError: onError('replaced_messages_failed') }
    const replacedMessages = createReplacedMessages({ ...onReplaced, edits })
    const missedHeads = keepMissedHeads(patient, heads, onError('heads_not_kept'))
    const sweeping = startJob(sweepEveryMs, pending.sweep, onError('sweep_failed'))
    const leases = createLeases({ connection, instanceId, clock: () => performance.now() })
    const adoption = startAdoption({
      connection,
      leases,
      createAdopter: (requireLease) =>
        createAdopter({
          connection: patient,
          members,
          changeLog,
          turns,
          now,
          log,
          requestMs,
          requireLease,
          onAdopted: totals.adopted,
        }),
      async onSweep(hasMissed) {
        if (hasMissed) missedHeads.missed()
        await deletions.finish()
        await numbers.numberSome()
      },
      onAwaited: () => log.info('adoption_awaited', { detail: 'another instance adopts the database' }),
      onError: onError('adoption_interrupted'),
    })
    const lease = createLeaseStore(leases)
    const backfill = startBackfill({ steps: backfillSteps(connection, patient), leases: lease, log })
    const watch = openWatch({
      connection: watching,
      causal: connection.causal,
      members,
      messages,
      changeLog,
      signals,
      handEdits,
      replacedMessages,
      adoption,
      log,
    })

    const guard = createGuard()
    const { pass, read, noun } = guard.within(requestMs)
    const close = createClosing({
      shut: guard.shut,
      parts: [watch, adoption, backfill, sweeping, handEdits, replacedMessages, missedHeads, signals, totals],
      last: [marks, heads],
      connections: connections.all,
      limitMs: requestMs,
      onError: onError('close_incomplete'),
    })

    const store: Store = {
      kind: 'mongodb',
      epoch,
      ping: pass(async () => void (await watching.db.command({ ping: 1 }))),
      groups: {
        ...noun(groups, ['read', 'readSummary', 'list', 'listOpen', 'listIds', 'listNames']),
        update: pass((...patch) => groups.update(deadline(), ...patch)),
      },
      members: {
        read: read(members.read),
        among: read(members.among),
        confirm: read(members.confirm),
        sharing: read(createSharing(connection)),
        list: read(createMemberList(connection)),
        add: pass((...adding) => memberChanges.add(deadline(), ...adding)),
        change: pass((...change) => memberChanges.change(deadline(), ...change)),
        remove: pass((...removal) => memberChanges.remove(deadline(), ...removal)),
      },
      bans: {
        put: pass((...ban) => bans.put(deadline(), ...ban)),
        remove: pass((...unban) => bans.remove(deadline(), ...unban)),
        list: read(bans.list),
      },
      messages: {
        append: pass(async (send, by) => {
          const sent = await messages.append(send, by, deadline())
          if (!sent.repeat) totals.messageSent(send.groupId, send.createdAt)
          return sent
        }),
        edit: pass((id, edit, by, at, keepsRevision = true) =>
          edits.edit(id, edit, by, at, keepsRevision, deadline()),
        ),
        delete: pass((id, by, at, keeps = true) => edits.delete(id, by, at, keeps, deadline())),
        restore: pass((id, by, at) => edits.restore(id, by, at, deadline())),
        wipe: pass(edits.wipe),
        read: read(messages.read),
        readMany: read(messages.readMany),
        listLast: read(createLastMessages(connection, logs)),
        list: read(messages.list),
        listReplies: read(replies.list),
        listThread: read(replies.thread),
        listWithDeleted: read(messages.listWithDeleted),
      },
      mentions: { count: read(mentions.count), countMany: read(mentions.countMany) },
      revisions: { list: read(revisions.list) },
      reactions: {
        add: pass((id, emoji, by, at) => reactions.set(id, emoji, true, by, at, deadline())),
        remove: pass((id, emoji, by, at) => reactions.set(id, emoji, false, by, at, deadline())),
        listOwn: read(reactions.listOwn),
      },
      pins: {
        add: pass((id, by, at) => pins.set(id, true, by, at, deadline())),
        remove: pass((id, by, at) => pins.set(id, false, by, at, deadline())),
        list: read(pins.list),
      },
      blobs: guard.patient(blobs),
      files: noun(files, ['uploaded', 'read', 'list', 'listOfUser', 'listGone', 'known']),
      reads: { mark: pass(reads.mark), list: read(reads.list), ofUser: read(reads.ofUser) },
      invites: {
        create: pass(invites.create),
        remove: pass(invites.remove),
        list: read(invites.list),
        read: read(invites.read),
        accept: pass((...accepting) => invites.accept(deadline(), ...accepting)),
      },
      names: { incarnation: read(names.incarnation) },
      preferences: noun(preferences, ['ofUser', 'notifyIn']),
      retention: noun(duties.retention, ['due']),
      exports: noun(duties.exports, []),
      // What looks for a user's traces takes its time.
      erasures: { ...noun(duties.erasures, ['refused']), rest: guard.pass(duties.erasures.rest) },
      reports: noun(reports, ['read', 'list', 'untold']),
      audit: noun(audit, ['list']),
      blocks: noun(createBlocks(connection), ['list', 'among']),
      avatars: noun(createAvatars(connection), ['read']),
      profiles: noun(profiles, ['read', 'readNumbers', 'readByName', 'readByEmail', 'search']),
      log: {
        readHead: read(logs.readHead),
        readHeads: read(logs.readHeads),
        read: read(logs.read),
        readStart: read(logs.readStart),
        trim: guard.pass(logs.trim),
      },
      feed: noun(createFeed({ connection, socketMs: timeouts.socket }), ['read', 'load', 'positions']),
      accounts: noun(createAccounts(connection), ['read', 'list']),
      sessions: noun(createSessions(connection), ['read', 'listEnded']),
      attempts: noun(createAttempts(connection), ['isRemembered']),
      search: { put: pass(search.put), find: read(search.find), clear: guard.pass(search.clear) },
      secrets: noun(createSecrets(connection), []),
      devices: noun(groupParts.devices, ['ofUsers']),
      letters: noun(groupParts.letters, ['dueGroups', 'listWaiting', 'list', 'count']),
      lease: { take: pass(lease.take), release: pass(lease.release) },
      stats: { read: read(totals.read) },
      watch: watch.watch,
      close,
    }
    try {
      await unlessAborted(adoption.done, signal)
    } catch (error) {
      await store.close()
      throw error
    }
    return { store, signals, lag: watch.lag }
  }
}
