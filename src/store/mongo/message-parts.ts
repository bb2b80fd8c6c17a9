import { createEdits } from './edits.ts'
import type { Connection } from './engine/connect.ts'
import { createErasures } from './erasures.ts'
import { createExports } from './exports.ts'
import { createFiles } from './files.ts'
import type { ChangeLog } from './log/changes.ts'
import type { KeptHeads } from './log/heads.ts'
import type { Pending } from './log/pending.ts'
import type { createTurns } from './log/turns.ts'
import type { Members } from './members.ts'
import { createMentions } from './mentions.ts'
import { createMessages } from './messages.ts'
import { createPins } from './pins.ts'
import type { PreferencesOnMongo } from './preferences.ts'
import { createReactions } from './reactions.ts'
import type { ReadMarks } from './read-marks.ts'
import { createReads } from './reads.ts'
import { createRemovals } from './removals.ts'
import { createReplies } from './replies.ts'
import { createRetention } from './retention.ts'
import { createRevisions } from './revisions.ts'
import type { Totals } from './stats.ts'

interface Deps {
  connection: Connection
  /** The connection for what may take long. */
  patient: Connection
  members: Members
  pending: Pending
  changeLog: Pick<ChangeLog, 'append'>
  heads: KeptHeads
  marks: ReadMarks
  turns: ReturnType<typeof createTurns>
  preferences: Pick<PreferencesOnMongo, 'showBy'>
  totals: Totals
  maxBatch: number
  provedAt(): number
  now(): number
  /** When a request that begins now has to be done, by performance.now(). */
  deadline(): number
}

/** What messages, and all that is about one, are read and written by. */
export function createMessageParts(deps: Deps) {
  const { connection, members, pending, changeLog, heads, marks, turns, totals, preferences } = deps
  const { maxBatch, provedAt, now, deadline } = deps
  const replies = createReplies(connection, pending)
  const revisions = createRevisions(connection)
  const messages = createMessages({
    connection,
    members,
    replies,
    heads,
    marks,
    turns,
    preferences,
    maxBatch,
    provedAt,
  })
  const edits = createEdits({ connection, members, pending, replies, revisions, totals })
  const removals = createRemovals({ connection, changeLog, edits, replies, totals })
  return {
    replies,
    revisions,
    messages,
    mentions: createMentions(connection),
    edits,
    files: createFiles({ connection, members, edits, totals, now, deadline }),
    erasures: createErasures({ connection, patient: deps.patient, changeLog, removals, deadline }),
    exports: createExports(connection),
    retention: createRetention({ connection, removals, deadline }),
    reactions: createReactions({ connection, members, pending, readMessage: messages.read }),
    pins: createPins({ connection, members, pending }),
    reads: createReads({ connection, members, heads, marks }),
  }
}
