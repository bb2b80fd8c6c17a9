import { isId } from '../../../domain/text.ts'
import type { OpenGroup, StoreSink } from '../../store.ts'
import type { Adoption } from '../adoption/adoption.ts'
import type { HandEdits } from '../adoption/hand-edits.ts'
import type { ReplacedMessages } from '../adoption/replaced-messages.ts'
import type { Causal } from '../engine/causal.ts'
import type { Connection, StoreLog } from '../engine/connect.ts'
import { type Job, startJob } from '../engine/job.ts'
import type { ChangeLog } from '../log/changes.ts'
import type { Members } from '../members.ts'
import type { createMessages } from '../messages.ts'
import { createPoll } from './poll.ts'
import { watchProfiles } from './profile-changes.ts'
import type { MongoSignals } from './signals.ts'
import { openStreams, type StreamEvents } from './streams.ts'
import { deadAfterMs } from './tail.ts'

const pollEveryMs = 1_000

export interface Lag {
  /** How many milliseconds late this instance hears of what happens. */
  streamMs: number
  /** True while the change streams answer; where there are none, while the polls do. */
  alive: boolean
}

export interface Watch {
  /** When this instance last was sure to know all changes of groups, by performance.now(). */
  readonly groupsProvedAt: number
  /** The same for messages. Where there are no streams it is now, because the slots alone keep writers apart. */
  readonly messagesProvedAt: number
  watch(sink: StoreSink): void
  lag(): Lag
  stop(): Promise<void>
}

interface Deps {
  connection: Connection
  /** The reads that have to see what the streams told. */
  causal: Pick<Causal, 'saw'>
  members: Members
  messages: Pick<ReturnType<typeof createMessages>, 'saw'>
  changeLog: Pick<ChangeLog, 'saw'>
  signals: MongoSignals
  handEdits: HandEdits
  replacedMessages: Pick<ReplacedMessages, 'seen'>
  adoption: Adoption
  log: StoreLog
}

/** Tells what happens in the database to the sink, and to the parts of this store. */
export function openWatch(deps: Deps): Watch {
  const { connection, causal, members, messages, changeLog, signals, handEdits, adoption, log } = deps
  let sink: StoreSink | undefined
  let polling: Job | undefined
  let following: Job | undefined
  let polledAt = 0
  let saidForeign = false
  const openedAt = performance.now()

  const openGroups = (): OpenGroup[] => [...(sink?.openGroups() ?? [])]

  const events: StreamEvents = {
    message(message) {
      messages.saw(message)
      sink?.message(message)
    },
    unnumbered: adoption.noticed,
    replaced: (id, ver) => isId(id) && deps.replacedMessages.seen(id, ver),
    change(change) {
      changeLog.saw(change)
      sink?.change(change)
    },
    group(id, happened) {
      if (id !== undefined && !isId(id)) return foreign(id)
      members.forget(id)
      if (happened !== 'deleted') handEdits.seen(id, happened === 'replaced')
      const ids = id === undefined ? openGroups().map(({ groupId }) => groupId) : [id]
      for (const groupId of ids) sink?.group(groupId)
      // Groups may have been made meanwhile, which nobody has open yet.
      if (id === undefined) sink?.lost()
    },
    signal: signals.receive,
    happened: causal.saw,
    lost() {
      adoption.missed()
      sink?.lost()
    },
    missing: startPolling,
    error: (stream, error) => log.warn('stream_failed', { stream, error }),
  }

  /** Logs a document that is not ours, and that nothing here can open. */
  function foreign(id: string): void {
    if (saidForeign) return
    saidForeign = true
    log.warn('foreign_group', {
      group_id: id,
      detail: 'its _id is no ObjectId, so it is no group here; there may be more',
    })
  }

  function startPolling(error: unknown): void {
    if (polling) return
    log.warn('no_change_streams', {
      error,
      detail: 'other instances are heard once a second, and their typing and presence not at all',
    })
    const poll = createPoll({ connection, openGroups, events })
    const work = async () => {
      await poll()
      polledAt = performance.now()
    }
    polling = startJob(pollEveryMs, work, (failure) => log.warn('poll_failed', { error: failure }))
  }

  const streams = openStreams(connection, events)
  return {
    get groupsProvedAt() {
      return streams.groupsProvedAt
    },
    get messagesProvedAt() {
      return polling ? performance.now() : streams.messagesProvedAt
    },

    watch(next) {
      sink = next
      following ??= watchProfiles(connection, (changed) => sink?.profiles(changed), log)
    },

    lag() {
      // Streams that were just opened have not had the time to answer.
      const heardAt = Math.max(openedAt, polling ? polledAt : streams.provedAt)
      const silentMs = performance.now() - heardAt
      const alive = silentMs < deadAfterMs
      return { streamMs: Math.round(alive && !polling ? signals.lagMs : silentMs), alive }
    },

    async stop() {
      await Promise.all([streams.stop(), polling?.stop(), following?.stop()])
    },
  }
}
